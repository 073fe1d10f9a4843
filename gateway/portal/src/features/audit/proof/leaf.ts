import type { Schema } from "@/api";
import { concat, sha256, textOf, toHex, utf8, type Bytes } from "./bytes";

export type AuditEvent = Schema<"fleetAuditV1Event">;

/** The version of the leaf encoding that this file knows. */
const version = 1;

type Leaf = Readonly<Record<string, string | number>>;

/** Six decimals, as in a leaf: the log keeps microseconds, the API leaves zeros out. */
function leafTime(time: string | undefined): string {
  const [, seconds, fraction = ""] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6})0*)?Z$/.exec(time ?? "") ?? [];
  return seconds ? `${seconds}.${fraction.padEnd(6, "0")}Z` : (time ?? "");
}

/** What the leaf of a displayed entry must say, but for the hash of the detail. */
export function expectedLeaf(event: AuditEvent): Leaf {
  return {
    action: event.action ?? "",
    actor: event.actor ?? "",
    actorKind: event.actorKind ?? "",
    agencyId: event.agencyId ?? "0",
    eventId: event.id ?? "",
    executedBy: event.executedBy ?? "",
    logTime: leafTime(event.logTime),
    occurredTime: leafTime(event.occurredTime),
    outcome: (event.outcome ?? "").replace("OUTCOME_", "").toLowerCase(),
    policyVersionId: event.policyVersionId ?? "",
    reason: event.reason ?? "",
    requestId: event.requestId ?? "",
    resource: event.resource ?? "",
    role: event.role ?? "",
    service: event.service ?? "",
    stream: (event.stream ?? "").replace("STREAM_", "").toLowerCase(),
    v: version,
  };
}

/** Canonical JSON (RFC 8785) of one level: keys in the order of their code units. */
function canonical(leaf: Leaf): string {
  return JSON.stringify(Object.fromEntries(Object.entries(leaf).sort(([a], [b]) => (a < b ? -1 : 1))));
}

/** Reads a leaf; null unless the bytes are the one way to write what they say. */
export function parseLeaf(bytes: Bytes): Leaf | null {
  try {
    const text = textOf(bytes);
    const leaf: unknown = JSON.parse(text);
    if (typeof leaf !== "object" || leaf === null || Array.isArray(leaf)) return null;
    const plain = Object.values(leaf).every((value) => typeof value === "string" || typeof value === "number");
    return plain && canonical(leaf as Leaf) === text && (leaf as Leaf).v === version ? (leaf as Leaf) : null;
  } catch {
    return null;
  }
}

/** Names of fields of which the leaf says something else than the entry, or which only one of them has. */
export function differences(leaf: Leaf, event: AuditEvent): string[] {
  const expected = expectedLeaf(event);
  const names = new Set([...Object.keys(expected), ...Object.keys(leaf)]);
  names.delete("detailSha256");
  return [...names].filter((name) => leaf[name] !== expected[name]).sort();
}

/** Canonical JSON of what the leaf holds as a salted hash only; "" when the entry has none of it. */
export function detailOf(event: AuditEvent): string {
  const changes = (event.changes ?? []).map(({ field = "", before = "", after = "" }) => ({ after, before, field }));
  const accessReason = event.accessReason ?? "";
  return accessReason === "" && changes.length === 0 ? "" : JSON.stringify({ accessReason, changes });
}

/** detailSha256 of an entry with this detail. */
export async function detailHash(detail: string, salt: Bytes): Promise<string> {
  return detail === "" ? "" : toHex(await sha256(concat(salt, utf8(detail))));
}
