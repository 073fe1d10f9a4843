export function Help() {
  return (
    <>
      <p>
        One patient-care report: the times of the call, what was measured, given and done, and what became of the
        patient.
      </p>
      <h3>How to read a value</h3>
      <ul>
        <li>
          <strong>A struck circle in italics</strong> is a NEMSIS not value: the document says why there is none, for
          example “Not recorded”.
        </li>
        <li>
          <strong>A barred circle</strong> is a pertinent negative: something was considered and not done or not found,
          for example “Refused”.
        </li>
        <li>
          <strong>A dash</strong> means that the element is not in the document at all.
        </li>
      </ul>
      <h3>Intervals and limits</h3>
      <p>
        Limits come from the governance policy for quality review, or from the case of this chart as it was judged. If
        your role sees neither, the interval stands without a limit.
      </p>
      <h3>Vital signs</h3>
      <p>
        All plots share one time axis. Diamonds are medications, squares are procedures; hollow ones were not given or
        done by this unit. The tab “Table” holds the same figures.
      </p>
      <h3>The document</h3>
      <p>The NEMSIS document is shown on demand. It holds names and narrative, so each opening is recorded.</p>
    </>
  );
}
