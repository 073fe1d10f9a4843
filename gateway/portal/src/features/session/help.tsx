export function Help() {
  return (
    <>
      <p>
        This page shows who the system takes you for and which roles you work under. What you may do follows from the
        roles; the server checks it at every call.
      </p>
      <p>
        A session ends after 15 minutes without activity and after 12 hours in any case. Sensitive changes ask for your
        second factor again when it is older than 15 minutes.
      </p>
    </>
  );
}
