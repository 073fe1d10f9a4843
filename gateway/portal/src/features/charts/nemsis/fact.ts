import type { Schema } from "@/api";
import { codes, conditions, medications, procedures } from "./gen/labels";

export type Fact = Schema<"v1Fact">;

/** Of which list a value is a code; `number` and `text` are no codes. */
export type Vocabulary = "code" | "condition" | "medication" | "procedure" | "number" | "text";

/** What a chart says at one element: a value, why there is none, a pertinent negative, or nothing at all. */
export interface Said {
  readonly kind: "value" | "notValue" | "negative" | "absent";
  readonly text: string;
  /** The code behind the text, when the text is its label. */
  readonly code?: string;
}

/** ICD-10-CM codes say more than the list does: the label is that of the longest beginning that the list has. */
function conditionLabel(code: string): string | undefined {
  for (let end = code.length; end >= 3; end--) {
    const label = conditions[code.slice(0, end)];
    if (label) return label;
  }
  return undefined;
}

export function labelOf(vocabulary: Vocabulary, code: string): string | undefined {
  switch (vocabulary) {
    case "code":
      return codes[code];
    case "condition":
      return conditionLabel(code);
    case "medication":
      return medications[code];
    case "procedure":
      return procedures[code];
    default:
      return undefined;
  }
}

const absent: Said = { kind: "absent", text: "Not in the document" };

export function say(fact: Fact | undefined, vocabulary: Vocabulary = "code"): Said {
  switch (fact?.state) {
    case "STATE_VALUE":
      return valueSaid(fact.value ?? "", vocabulary);
    case "STATE_NOT_VALUE":
      return { kind: "notValue", text: reasonText(fact.reasonCode) };
    case "STATE_PERTINENT_NEGATIVE": {
      const reason = reasonText(fact.reasonCode);
      if (!fact.value) return { kind: "negative", text: reason };
      const value = valueSaid(fact.value, vocabulary);
      return { ...value, kind: "negative", text: `${value.text}: ${reason}` };
    }
    default:
      return absent;
  }
}

function valueSaid(value: string, vocabulary: Vocabulary): Said {
  const label = labelOf(vocabulary, value);
  return label ? { kind: "value", text: label, code: value } : { kind: "value", text: value };
}

/** "Not Recorded" as a sentence has it: "Not recorded". */
function reasonText(code: string | undefined): string {
  const label = code ? codes[code] : undefined;
  if (!label) return code ? `No value (${code})` : "No value";
  return label.replace(/ ([A-Z])(?=[a-z])/g, (_, letter: string) => ` ${letter.toLowerCase()}`);
}

/** The value as a number; undefined for what is none, "High" among it. */
export function numberOf(fact: Fact | undefined): number | undefined {
  if (fact?.state !== "STATE_VALUE" || !fact.value) return undefined;
  const n = Number(fact.value);
  return Number.isFinite(n) ? n : undefined;
}

/** The value as milliseconds; undefined when there is no time. */
export function timeOf(fact: Fact | undefined): number | undefined {
  if (fact?.state !== "STATE_VALUE" || !fact.value) return undefined;
  const t = Date.parse(fact.value);
  return Number.isNaN(t) ? undefined : t;
}

const yes = "9923003";

export const isYes = (fact: Fact | undefined): boolean => fact?.state === "STATE_VALUE" && fact.value === yes;

/** Whether the document says anything at the element, be it why there is no value. */
export const isSaid = (fact: Fact | undefined): boolean => fact !== undefined && say(fact).kind !== "absent";
