export function Help() {
  return (
    <>
      <p>
        A policy holds the numbers and codes by which the platform judges: limits of triggers, rules of levels of
        service, days of alerts. Versions are numbered and never change; exactly one is in force in all agencies.
      </p>
      <p>
        To change something, make a new version: it begins as a copy of the one in force. Edit it, say why, and look at
        what you changed. A document that does not fit its schema is refused, with the line of each place.
      </p>
      <p>
        Then put it in force. You see once more what changes, and confirm with your second factor. An older version can
        be put in force again in the same way.
      </p>
    </>
  );
}
