export function Help() {
  return (
    <>
      <p>
        A case opens by itself when a trigger fires on an imported chart. Charts of several units with one incident
        number (eResponse.03) share a case. The triggers and their limits are the governance policy qa.triggers; each
        case names the version it was judged under.
      </p>
      <p>
        <strong>Priority.</strong> High: a mandatory clinical trigger fired. Medium: another mandatory trigger. Low:
        optional triggers only. The queue shows the highest priority first, and in it what has waited longest.
      </p>
      <p>
        <strong>Mandatory and optional.</strong> A mandatory trigger cannot be switched off by anybody; a new policy
        version may move its limit. An optional one may be moved by an agency within the range that the policy permits.
      </p>
      <p>
        <strong>Measured against the limit.</strong> A time rule fires above its limit, compared in seconds. The bar
        ends at the measured value, the mark is the limit. Events are not measured: they are in the chart or they are
        not.
      </p>
      <p>
        <strong>What changes a case.</strong> A newer version of a chart is judged anew and replaces the triggers of the
        older one. While nobody has begun to review, a case on which nothing fires any more is withdrawn; its history
        stays.
      </p>
      <p>
        Search compares the beginning of the incident number. What you type is not kept and never becomes part of an
        address.
      </p>
    </>
  );
}
