import type { Message } from "../../api/client.ts";

const steps = [
  ["Arrive", []],
  ["Wait", ["SESSION_STATE_CHECKED_IN", "SESSION_STATE_WAITING", "SESSION_STATE_ADMITTED"]],
  ["Talk", ["SESSION_STATE_IN_CALL"]],
  ["Done", ["SESSION_STATE_ENDED"]],
] as const;

/** Where the visit stands. */
export function Steps({ state }: { state: Message<"SessionState"> | undefined }) {
  const at = state === undefined ? 0 : steps.findIndex(([, states]) => (states as readonly string[]).includes(state));
  return (
    <ol className="steps" aria-label="Where the visit stands">
      {steps.map(([name], i) => (
        <li key={name} {...(i < at ? { "data-done": "" } : {})} {...(i === at ? { "aria-current": "step" as const } : {})}>
          {name}
        </li>
      ))}
    </ol>
  );
}
