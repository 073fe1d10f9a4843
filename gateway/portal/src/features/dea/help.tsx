export function Help() {
  return (
    <>
      <p>
        The workspace keeps references and dates of the agency&rsquo;s DEA registrations, so that none runs out unseen.
        It files nothing, and it holds no password, PIN or code; such text is refused wherever it is entered.
      </p>
      <h3>Status</h3>
      <p>
        It follows from the dates and cannot be typed. A registration is expiring when its last day comes near, as the
        governance policy says, and expired the day after. Days are UTC days.
      </p>
      <h3>The number</h3>
      <p>
        Two letters and seven digits, of which the last is computed from the others. A number that fits is well formed;
        whether the DEA issued it only the DEA can say. Enter where and when somebody looked it up.
      </p>
      <h3>Alerts</h3>
      <p>
        They are raised at each threshold before a date. Acknowledging one keeps it quiet until the next threshold;
        snoozing puts it off to a day before its date. Entering the new date resolves it.
      </p>
      <h3>Administrators</h3>
      <p>
        An agency administrator sees the workspace only while the agency allows it and under a grant with an end. Both
        are set under Administrators, by founder and compliance officers.
      </p>
      <h3>Changes</h3>
      <p>
        Every view, change and refusal is in the audit log. Changing anything asks for your second factor if you have
        not used it in the last minutes. When somebody else was faster, you see what they changed and decide.
      </p>
    </>
  );
}
