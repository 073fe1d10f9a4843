import type { Schema } from "@/api";
import { isYes, numberOf, say, timeOf, type Fact } from "../nemsis/fact";
import type { ChartFacts } from "../queries";

type Medication = Schema<"v1Medication">;
type Procedure = Schema<"v1Procedure">;

export interface Intervention {
  /** "M1" or "P2": the same on the axis and in the table. */
  readonly mark: string;
  readonly kind: "medication" | "procedure";
  readonly at: number | undefined;
  readonly name: string;
  readonly code: string;
  readonly detail: string;
  /** Whether this unit did it; otherwise why not, in words. */
  readonly done: boolean;
  readonly status: string;
  /** Why it was not done; empty when the status says it all. */
  readonly why: string;
}

/** A group that only says why it is empty, as NEMSIS wants one where nothing was given or done. */
const saysNothing = (code: Fact | undefined, time: Fact | undefined, done: boolean | undefined) =>
  done !== true && timeOf(time) === undefined && !code?.value && code?.state !== "STATE_PERTINENT_NEGATIVE";

/** Why there are none: what the first group says instead of a name. */
export const reasonForNone = (groups: readonly { readonly code?: Fact }[] | undefined): string => {
  const code = groups?.[0]?.code;
  return code?.state === "STATE_NOT_VALUE" ? say(code).text : "";
};

/**
 * Medications and procedures in the order of the document, with the marks that tie plot and table together. Groups that say nothing
 * are left out; the marks still count them.
 */
export function interventionsOf(facts: ChartFacts | undefined): {
  medications: Intervention[];
  procedures: Intervention[];
} {
  return {
    medications: (facts?.medications ?? []).flatMap((m, i): Intervention[] =>
      saysNothing(m.code, m.time, m.given)
        ? []
        : [
            {
              mark: `M${i + 1}`,
              kind: "medication",
              at: timeOf(m.time),
              ...naming(m.code, "medication"),
              detail: [doseOf(m), textOf(m.route)].filter(Boolean).join(", "),
              done: m.given === true,
              ...statusOf(m.given, m.priorToCare, m.code, "Given", "Not given"),
            },
          ],
    ),
    procedures: (facts?.procedures ?? []).flatMap((p, i): Intervention[] =>
      saysNothing(p.code, p.time, p.performed)
        ? []
        : [
            {
              mark: `P${i + 1}`,
              kind: "procedure",
              at: timeOf(p.time),
              ...naming(p.code, "procedure"),
              detail: attemptsOf(p),
              done: p.performed === true,
              ...statusOf(p.performed, p.priorToCare, p.code, "Performed", "Not performed"),
            },
          ],
    ),
  };
}

/** What it was, be it not given: a pertinent negative may name the drug it is about. */
function naming(fact: Fact | undefined, vocabulary: "medication" | "procedure"): { name: string; code: string } {
  const value = fact?.value ? { ...fact, state: "STATE_VALUE" as const } : fact;
  const said = say(value, vocabulary);
  return { name: said.kind === "value" ? said.text : "Not named", code: said.code ?? "" };
}

const textOf = (fact: Fact | undefined) => (fact?.state === "STATE_VALUE" ? say(fact).text : "");

function doseOf(m: Medication): string {
  if (m.dose?.state !== "STATE_VALUE") return "";
  return `${m.dose.value ?? ""} ${textOf(m.doseUnit)}`.trim();
}

function attemptsOf(p: Procedure): string {
  const attempts = numberOf(p.attempts);
  const parts = [attempts === undefined ? "" : attempts === 1 ? "1 attempt" : `${attempts} attempts`];
  if (p.successful?.state === "STATE_VALUE") parts.push(isYes(p.successful) ? "successful" : "not successful");
  return parts.filter(Boolean).join(", ");
}

function statusOf(
  done: boolean | undefined,
  prior: Fact | undefined,
  code: Fact | undefined,
  yes: string,
  no: string,
): { status: string; why: string } {
  if (done) return { status: yes, why: "" };
  if (code?.state === "STATE_PERTINENT_NEGATIVE") return { status: no, why: say({ ...code, value: "" }).text };
  if (isYes(prior)) return { status: `${yes} before`, why: "Before this unit's care" };
  return { status: no, why: "" };
}
