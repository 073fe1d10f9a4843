import { Link } from "@tanstack/react-router";
import { PersonName } from "@/features/people/PersonName";
import { roleTitle } from "@/features/people/roles";
import { formatTime, useZone } from "@/time";
import { linkClass, StatusBadge } from "@/ui";
import { pathOf } from "./links";
import type { AuditEvent } from "./queries";
import { actionWords, outcomeWords, shortAction } from "./words";

/** A moment to the second, in the agency's zone; narrow columns get date and time on a line each. */
export function Moment({ value }: { value: string | undefined }) {
  const zone = useZone();
  if (!value) return <span className="text-faint">—</span>;
  const text = formatTime(value, zone, "seconds");
  const split = text.lastIndexOf(", ") + 1;
  return (
    <time dateTime={value} className="tabular-nums">
      <span className="whitespace-nowrap">{text.slice(0, split)}</span>{" "}
      <span className="whitespace-nowrap">{text.slice(split + 1)}</span>
    </time>
  );
}

/** A name that may break after its slash, rather than anywhere. */
export function Breakable({ text }: { text: string }) {
  const [service = "", ...method] = text.split("/");
  if (method.length === 0) return text;
  return (
    <>
      {service}/<wbr />
      {method.join("/")}
    </>
  );
}

/** What was done: in words, and the name of the RPC for those who know it. */
export function Action({ event, link = false }: { event: AuditEvent; link?: boolean }) {
  const action = event.action ?? "";
  const words = actionWords(action);
  return (
    <span className="block">
      {link ? (
        <Link to={"/audit/events/$id"} params={{ id: event.id } as never} className={linkClass}>
          {words}
        </Link>
      ) : (
        words
      )}
      <span title={action} className="block font-mono text-2xs font-normal break-words text-faint">
        <Breakable text={shortAction(action)} />
      </span>
    </span>
  );
}

/** Who did it: people by login, everything else by its own name. */
export function Actor({ event }: { event: AuditEvent }) {
  const person = event.actorKind === "human" || event.actorKind === "ai";
  return (
    <span className="block">
      {person ? <PersonName subject={event.actor} /> : <span className="break-words">{event.actor}</span>}
      {event.role && event.actorKind !== "service" ? (
        <span className="block text-xs text-faint">{roleTitle(event.role)}</span>
      ) : null}
    </span>
  );
}

export function Outcome({ event }: { event: AuditEvent }) {
  const known = event.outcome ? outcomeWords[event.outcome] : undefined;
  return (
    <span className="flex flex-col items-start gap-1">
      <StatusBadge tone={known?.tone ?? "neutral"}>{known?.label ?? "Unknown"}</StatusBadge>
      {event.reason ? <code className="font-mono text-2xs break-all text-faint">{event.reason}</code> : null}
    </span>
  );
}

/** What it was done to, with a link where the portal shows it. */
export function Resource({ name }: { name: string | undefined }) {
  if (!name) return <span className="text-faint">—</span>;
  const path = pathOf(name);
  const text = <span className="font-mono text-xs break-all">{name}</span>;
  return path ? (
    <Link to={path as never} className={linkClass}>
      {text}
    </Link>
  ) : (
    text
  );
}
