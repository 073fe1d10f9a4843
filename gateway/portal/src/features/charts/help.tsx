export function Help() {
  return (
    <>
      <p>The patient-care reports that your role may see, newest import first.</p>
      <ul>
        <li>Clinical staff see the charts that hold one of their crew ids.</li>
        <li>Quality reviewers and the medical director see charts with an open case.</li>
        <li>Supervisors and the founder see all charts of the agency.</li>
      </ul>
      <h3>Finding a chart</h3>
      <p>
        The search looks at the beginning of PCR number, incident number and unit call sign. What you type never becomes
        part of the page’s address. The dates filter by when the unit was notified; they are part of the address, so
        that a link carries them.
      </p>
      <h3>Versions and findings</h3>
      <p>
        A report that comes in again with another content becomes the next version. Findings are what the validator
        noted without refusing the document.
      </p>
    </>
  );
}
