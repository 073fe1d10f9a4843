import type { Schema } from "@/api";
import { isSaid, type Fact } from "../nemsis/fact";
import type { ChartFacts } from "../queries";

export type Interval = Schema<"clinicalV1Interval">;
export type Trigger = Schema<"v1Trigger">;

/** What of the policy `qa.triggers` the page reads. */
export interface TriggerPolicy {
  readonly version: number;
  readonly triggers: Readonly<Record<string, { enabled?: boolean; threshold?: number } | undefined>>;
  /** Codes of eArrest.01 that mean an arrest. */
  readonly arrest: readonly string[];
}

/** Where limits can come from; null where the caller may not look. */
export interface Sources {
  readonly policy: TriggerPolicy | null;
  /** Triggers that fired on this chart. */
  readonly fired: readonly Trigger[] | null;
}

export interface Limit {
  readonly code: string;
  readonly minutes: number;
  readonly from: "policy" | "case";
  readonly version: number;
}

export type Verdict =
  | { readonly kind: "over" | "within"; readonly limit: Limit; readonly overSeconds: number }
  /** The caller sees the cases, none of which names a limit: the interval kept to it, whatever it is. */
  | { readonly kind: "quiet" }
  | { readonly kind: "none" | "hidden" | "unknown" };

export interface IntervalRow {
  readonly id: string;
  readonly label: string;
  readonly from: string;
  readonly to: string;
  readonly seconds: number | undefined;
  readonly invalid: boolean;
  readonly verdict: Verdict;
}

type Key = "turnout" | "response" | "systemResponse" | "patientAccess" | "onScene" | "transport" | "turnaround";

const intervals: readonly (readonly [Key, string, string, string])[] = [
  ["turnout", "Turnout", "eTimes.03", "eTimes.05"],
  ["response", "Response", "eTimes.03", "eTimes.06"],
  ["systemResponse", "System response", "eTimes.01", "eTimes.06"],
  ["patientAccess", "Patient access", "eTimes.06", "eTimes.07"],
  ["onScene", "On scene", "eTimes.06", "eTimes.09"],
  ["transport", "Transport", "eTimes.09", "eTimes.11"],
  ["turnaround", "Turnaround", "eTimes.11", "eTimes.13"],
];

export function intervalRows(facts: ChartFacts | undefined, sources: Sources): IntervalRow[] {
  return intervals.map(([id, label, from, to]) => {
    const interval: Interval | undefined = facts?.intervals?.[id];
    const seconds = interval?.seconds;
    return {
      id,
      label,
      from,
      to,
      seconds,
      invalid: interval?.invalid === true,
      verdict: verdictOf(id, seconds, facts, sources),
    };
  });
}

/** Triggers that may judge an interval of this call, the strictest reading first. */
function candidates(id: Key, facts: ChartFacts | undefined, policy: TriggerPolicy | null): readonly string[] {
  const priority = facts?.response?.priority ?? "";
  if (id === "response") {
    return (
      { critical: ["TIME.RESP_CRIT"], high: ["TIME.RESP_HIGH"], standard: ["TIME.RESP_STD"] }[priority] ?? responseCodes
    );
  }
  if (id === "onScene") {
    if (policy && isArrest(facts?.arrest?.cardiacArrest, policy)) return ["TIME.SCENE_ARREST"];
    if (!policy) return sceneCodes;
    return priority === "critical" ? ["TIME.SCENE_CRIT"] : ["TIME.SCENE_OTHER"];
  }
  return [];
}

const responseCodes = ["TIME.RESP_CRIT", "TIME.RESP_HIGH", "TIME.RESP_STD"] as const;
const sceneCodes = ["TIME.SCENE_ARREST", "TIME.SCENE_CRIT", "TIME.SCENE_OTHER"] as const;

const isArrest = (fact: Fact | undefined, policy: TriggerPolicy) =>
  fact?.state === "STATE_VALUE" && policy.arrest.includes(fact.value ?? "");

function verdictOf(
  id: Key,
  seconds: number | undefined,
  facts: ChartFacts | undefined,
  { policy, fired }: Sources,
): Verdict {
  const codes = candidates(id, facts, policy);
  if (codes.length === 0) return { kind: "none" };
  if (seconds === undefined || facts?.intervals?.cancelledBeforeArrival) return { kind: "unknown" };
  // What was judged counts more than what the policy says by now: its version may have changed since.
  const judged = fired?.find((t) => t.code !== undefined && codes.includes(t.code) && t.threshold !== undefined);
  if (judged) {
    return compare(seconds, {
      code: judged.code ?? "",
      minutes: judged.threshold ?? 0,
      from: "case",
      version: judged.ruleVersion ?? 0,
    });
  }
  const rule =
    policy && codes.map((code) => ({ code, ...policy.triggers[code] })).find((r) => r.threshold !== undefined);
  if (policy && rule) {
    if (rule.enabled === false) return { kind: "none" };
    return compare(seconds, { code: rule.code, minutes: rule.threshold ?? 0, from: "policy", version: policy.version });
  }
  return { kind: fired ? "quiet" : "hidden" };
}

/** A rule fires above its limit, compared in seconds. */
function compare(seconds: number, limit: Limit): Verdict {
  const over = seconds - Math.round(limit.minutes * 60);
  return { kind: over > 0 ? "over" : "within", limit, overSeconds: over };
}

/** The part of the policy document that the page reads; null when it is not the document it should be. */
export function triggerPolicyOf(version: number | undefined, document: unknown): TriggerPolicy | null {
  if (typeof document !== "object" || document === null || !("triggers" in document)) return null;
  const doc = document as {
    triggers: TriggerPolicy["triggers"];
    definitions?: { arrest?: { cardiacArrest?: string[] } };
  };
  return { version: version ?? 0, triggers: doc.triggers, arrest: doc.definitions?.arrest?.cardiacArrest ?? [] };
}

/** Whether the document says anything about an arrest. */
export const mentionsArrest = (facts: ChartFacts | undefined) => isSaid(facts?.arrest?.cardiacArrest);
