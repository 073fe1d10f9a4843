export function Help() {
  return (
    <>
      <p>
        Each agency works with a set of modules. Some need others: Quality, Billing and Reporting work on the charts of
        Clinical, so Clinical can only be switched off after them, and they only on after it.
      </p>
      <p>
        Switching a module off takes its pages away and refuses its API for the agency within seconds. Nothing is
        deleted. What other parts send to it meanwhile waits, and is worked off once it is on again.
      </p>
      <p>Only the platform team moves switches; an administrator sees how they stand, and the reason.</p>
    </>
  );
}
