export function Help() {
  return (
    <>
      <p>
        The workspace keeps references and dates of the agency&rsquo;s Medicare enrollments and says whether the agency
        is ready to bill under them. It submits nothing, and it holds no password, PIN or code; such text is refused
        wherever it is entered.
      </p>
      <h3>Status</h3>
      <p>
        It follows from the dates and cannot be typed. An enrollment is expiring when its revalidation comes near, as
        the governance policy says, and expired the day after: the contractor may deactivate it any day. Days are UTC
        days.
      </p>
      <h3>References</h3>
      <p>
        An NPI has ten digits, of which the last is computed from the others. The PTAN comes with the contractor&rsquo;s
        approval letter, the enrollment ID from PECOS. That they are well formed does not say that they were issued;
        enter where and when somebody looked them up.
      </p>
      <h3>Readiness</h3>
      <p>
        Each check is answered from what is on record. What the record does not tell counts as unknown and never as a
        pass, and each open check says what to do.
      </p>
      <h3>Alerts</h3>
      <p>
        They are raised at each threshold before a date. Acknowledging one keeps it quiet until the next threshold;
        snoozing puts it off to a day before its date. Entering the new date resolves it.
      </p>
      <h3>Who sees it</h3>
      <p>
        Founder, compliance and billing; agency administrators look without changing anything, while billing is on for
        the agency.
      </p>
    </>
  );
}
