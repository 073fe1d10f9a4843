import { useMe } from "@/permissions";
import { useDirectory } from "./queries";

/** A subject by login where the directory has it, by the beginning of its id otherwise. */
export function PersonName({ subject }: { subject: string | undefined }) {
  const me = useMe();
  const { loginOf } = useDirectory();
  if (!subject) return <span className="text-faint">—</span>;
  const login = loginOf(subject);
  return (
    <span title={subject} className="break-words">
      {login ?? <span className="font-mono text-xs">{subject.length > 16 ? `${subject.slice(0, 13)}…` : subject}</span>}
      {subject === me.subject ? <span className="text-faint"> (you)</span> : null}
    </span>
  );
}
