export function Help() {
  return (
    <>
      <p>
        A chart that comes in is worked on by several services, each with its own data: quality review judges it,
        billing drafts a claim or says why there is nothing to bill, reporting keeps its times and codes, and the audit
        log records each step.
      </p>
      <p>
        While a service is at work, this page looks again by itself. A step that stays empty after a few minutes has
        nothing to do: most charts, for example, open no case.
      </p>
      <h3>Not visible for your role</h3>
      <p>
        Each step shows what your role may read there. Quality review is privileged; billing does not see it, and
        reviewers do not see claims.
      </p>
    </>
  );
}
