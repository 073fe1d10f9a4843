export function Help() {
  return (
    <>
      <p>
        A report measures one part of every call whose unit was notified in the period, in groups: units, priorities,
        days, types of service or response modes. Days begin and end at midnight of the agency&apos;s time zone.
      </p>
      <p>
        <strong>Median and percentiles.</strong> Half of the calls took at most the median, nine in ten at most the 90th
        percentile. With fewer than ten calls these figures change with every call; such groups are marked &quot;few
        calls&quot;.
      </p>
      <p>
        <strong>Left out.</strong> A call without one of the two times, with times in the wrong order, or that was
        cancelled before arrival cannot be measured. It is counted and named, so that a figure never hides how much it
        rests on.
      </p>
      <p>
        <strong>How this was computed.</strong> A run keeps its question, its answer and the mark up to which facts had
        arrived. The same question at the same mark gives the same bytes. &quot;Verify in this browser&quot; fetches the
        stored answer, computes its SHA-256 on this computer and compares it with the one of the run.
      </p>
      <p>
        A founder reads one agency after choosing it in the top bar, or all with a reason: then there is one row for
        each agency. Runs and exports are written into the audit log.
      </p>
    </>
  );
}
