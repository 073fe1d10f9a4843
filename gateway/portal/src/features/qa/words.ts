import type { Schema } from "@/api";
import type { Tone } from "@/ui";

export type Case = Schema<"v1Case">;
export type Trigger = Schema<"v1Trigger">;
export type CaseState = NonNullable<Case["state"]>;
export type CasePriority = NonNullable<Case["priority"]>;

export const stateNames: Readonly<Record<CaseState, string>> = {
  STATE_PENDING: "Pending",
  STATE_UNDER_REVIEW: "Under review",
  STATE_CLOSED: "Closed",
};

export const stateTones: Readonly<Record<CaseState, Tone>> = {
  STATE_PENDING: "warning",
  STATE_UNDER_REVIEW: "info",
  STATE_CLOSED: "success",
};

export const priorityNames: Readonly<Record<CasePriority, string>> = {
  PRIORITY_HIGH: "High",
  PRIORITY_MEDIUM: "Medium",
  PRIORITY_LOW: "Low",
};

export const priorityTones: Readonly<Record<CasePriority, Tone>> = {
  PRIORITY_HIGH: "danger",
  PRIORITY_MEDIUM: "warning",
  PRIORITY_LOW: "neutral",
};

/** From what the priority follows. */
export const priorityReasons: Readonly<Record<CasePriority, string>> = {
  PRIORITY_HIGH: "A mandatory clinical trigger fired",
  PRIORITY_MEDIUM: "A mandatory trigger fired, none of them clinical",
  PRIORITY_LOW: "Optional triggers only",
};

/** The rules of the catalogue, the strictest first. A code that is not among them is shown as it is. */
const triggers: Readonly<Record<string, string>> = {
  "CLIN.ARREST": "Cardiac arrest",
  "CLIN.STEMI": "STEMI",
  "CLIN.STROKE": "Stroke",
  "CLIN.TRAUMA": "Major trauma",
  "CLIN.PEDS_CRITICAL": "Critical pediatric patient",
  "REG.CS_DOC": "Controlled substance record incomplete",
  "DOC.REFUSAL_SIG": "Refusal without signature",
  "TIME.RESP_CRIT": "Response time, critical call",
  "TIME.SCENE_ARREST": "Time on scene, cardiac arrest",
  "TIME.SCENE_CRIT": "Time on scene, critical call",
  "TIME.RESP_HIGH": "Response time, high-priority call",
  "TIME.RESP_STD": "Response time, standard call",
  "TIME.SCENE_OTHER": "Time on scene",
  "PRAC.REFUSAL": "Refusal",
  "DOCQ.NO_VITALS": "Transport without vital signs",
};

const order = Object.keys(triggers);

export const triggerCodes: readonly string[] = order;

export const triggerName = (code: string | undefined): string => triggers[code ?? ""] ?? code ?? "";

const rank = (t: Trigger): number => {
  const place = order.indexOf(t.code ?? "");
  return (t.triggerClass === "TRIGGER_CLASS_MANDATORY" ? 0 : order.length + 1) + (place < 0 ? order.length : place);
};

/** Mandatory before optional, clinical before the rest: the first is the one that decides. */
export function byStrictness(list: readonly Trigger[] | undefined): Trigger[] {
  return (list ?? []).toSorted((a, b) => rank(a) - rank(b));
}

export const isMandatory = (t: { triggerClass?: Trigger["triggerClass"] }): boolean =>
  t.triggerClass === "TRIGGER_CLASS_MANDATORY";
