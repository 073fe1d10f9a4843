export function Help() {
  return (
    <>
      <p>
        Hands NEMSIS files in that your ePCR product exported: EMSDataSet as XML, NEMSIS 3.4 or 3.5, up to 20 MB each.
      </p>
      <dl>
        <dt>Stored</dt>
        <dd>Something in the file was new: a chart, or another version of one.</dd>
        <dt>Already there</dt>
        <dd>Every chart of the file was stored before, with the same content. Nothing changed.</dd>
        <dt>Refused</dt>
        <dd>
          The file breaks a rule of NEMSIS, or names another agency. Nothing was stored; each fault is listed with its
          place.
        </dd>
        <dt>Not sent</dt>
        <dd>The file cannot be a NEMSIS document, so it was not uploaded.</dd>
        <dt>Failed</dt>
        <dd>There was no answer. Sending it again is safe.</dd>
      </dl>
      <p>
        Findings are remarks about a file that was stored: somebody should look at them, and the chart is complete all
        the same.
      </p>
    </>
  );
}
