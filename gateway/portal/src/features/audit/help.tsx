export function Help() {
  return (
    <>
      <p>
        The audit log holds what was done, read and refused: who, when, under which role, on what, and with which
        outcome. People, AI agents and services are separate streams of it. Values are masked before they are written,
        and nobody can change or delete an entry.
      </p>
      <p>
        Search by action, person, resource, period, outcome or by the request number of an error message. The search is
        in the address, so that you can send it to a colleague who may read the log too.
      </p>
      <p>
        Open an entry to see its changes and its proof. Your browser computes the proof by itself: it hashes the entry,
        follows the hashes of the log to its root, and checks the signature on that root. It also remembers the largest
        log it has seen since the page was loaded, and checks that later ones begin with it. If a step does not hold, it
        says which.
      </p>
      <p>
        The verifier key should be the one that you were given when the platform was set up. Compare them once, under
        Details of the checkpoint.
      </p>
    </>
  );
}
