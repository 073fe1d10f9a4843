import { formatDate, toCalendarDate } from "@/time";

const groupings: Readonly<Record<string, string>> = {
  unit: "Unit",
  priority: "Priority",
  day: "Day",
  service_type: "Type of service",
  response_mode: "Response mode",
  agency: "Agency",
};

export function groupingLabel(groupBy: string | undefined): string {
  return groupings[groupBy ?? ""] ?? groupBy ?? "Group";
}

/** Groupings whose values are codes of NEMSIS. */
export function isCoded(groupBy: string | undefined): boolean {
  return groupBy === "service_type" || groupBy === "response_mode";
}

const exclusions: Readonly<Record<string, string>> = {
  CANCELLED_BEFORE_ARRIVAL: "cancelled before arrival",
  NOT_TRANSPORTED: "without transport of a patient",
  TIME_INVALID: "with times in the wrong order or over 24 h apart",
  TIME_UNKNOWN: "without one of the two times",
};

/** Why calls are not in the figures, after their number. */
export function exclusionWords(reason: string): string {
  return exclusions[reason] ?? reason.toLowerCase().replaceAll("_", " ");
}

/** What names the rows beyond what they say themselves. */
export interface Names {
  /** Labels of NEMSIS codes, once they are there. */
  readonly codes: Readonly<Record<string, string>>;
  /** Display names of agencies by id. */
  readonly agencies: Readonly<Record<string, string>>;
}

/** The name of a group as people say it. */
export function groupName(groupBy: string | undefined, group: string, names: Names): string {
  if (group === "unknown") return "Not recorded";
  switch (groupBy) {
    case "day":
      return formatDate(toCalendarDate(group));
    case "priority":
      return group.charAt(0).toUpperCase() + group.slice(1);
    case "agency":
      return names.agencies[group] ?? `Agency ${group}`;
    case "service_type":
    case "response_mode":
      return names.codes[group] ?? group;
    default:
      return group;
  }
}

/** The first sentence of a description: what the report measures. */
export function firstSentence(description: string | undefined): string {
  return sentences(description)[0] ?? "";
}

/** A description in sentences; the point in eTimes.03 ends none. */
export function sentences(description: string | undefined): string[] {
  return (description ?? "").split(/(?<=\.)\s+/).filter(Boolean);
}

/** The elements that a description measures between, e.g. ["eTimes.03", "eTimes.06"]. */
export function elementsOf(description: string | undefined): readonly [string, string] | undefined {
  const [from, to] = description?.match(/eTimes\.\d{2}/g) ?? [];
  return from && to ? [from, to] : undefined;
}
