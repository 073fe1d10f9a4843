export function Help() {
  return (
    <>
      <p>
        The home page counts what waits for you. Each figure is read from the system at this moment and leads to the
        list behind it.
      </p>
      <p>
        A founder chooses an agency in the top bar to work for it, or reads across all agencies after giving a reason.
        The reason is written into the audit log; it is forgotten when the page is reloaded.
      </p>
    </>
  );
}
