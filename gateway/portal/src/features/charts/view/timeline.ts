import { say, timeOf, type Fact, type Said } from "../nemsis/fact";

/** The eTimes in the order in which a call goes through them, by the names of the NEMSIS dictionary. */
const sequence: readonly (readonly [element: string, label: string, short: string])[] = [
  ["eTimes.01", "PSAP call", "PSAP call"],
  ["eTimes.02", "Dispatch notified", "Dispatch notified"],
  ["eTimes.03", "Unit notified by dispatch", "Unit notified"],
  ["eTimes.04", "Dispatch acknowledged", "Acknowledged"],
  ["eTimes.05", "Unit en route", "En route"],
  ["eTimes.14", "Unit canceled", "Canceled"],
  ["eTimes.17", "Unit arrived at staging area", "At staging"],
  ["eTimes.06", "Unit arrived on scene", "On scene"],
  ["eTimes.07", "Arrived at patient", "At patient"],
  ["eTimes.08", "Transfer of EMS patient care", "Care transferred"],
  ["eTimes.09", "Unit left scene", "Left scene"],
  ["eTimes.10", "Arrival at destination landing area", "At landing area"],
  ["eTimes.11", "Patient arrived at destination", "At destination"],
  ["eTimes.12", "Destination patient transfer of care", "Handed over"],
  ["eTimes.13", "Unit back in service", "In service"],
  ["eTimes.15", "Unit back at home location", "At base"],
  ["eTimes.16", "EMS call completed", "Completed"],
];

export interface CallTime {
  readonly element: string;
  readonly label: string;
  readonly short: string;
  readonly fact: Fact | undefined;
  readonly said: Said;
  readonly at: number | undefined;
  /** Earlier than a time that comes before it in a call. */
  readonly outOfOrder: boolean;
}

type Times = Readonly<Record<string, Fact>> | undefined;

/** All times of a call, said or not, in the order of a call. */
export function callTimes(times: Times): CallTime[] {
  let latest = Number.NEGATIVE_INFINITY;
  return sequence.map(([element, label, short]) => {
    const fact = times?.[element];
    const at = timeOf(fact);
    const outOfOrder = at !== undefined && at < latest;
    if (at !== undefined) latest = Math.max(latest, at);
    return { element, label, short, fact, said: say(fact, "text"), at, outOfOrder };
  });
}

export interface Stop extends CallTime {
  readonly at: number;
  /** Seconds to the stop after it; undefined at the last one. */
  readonly seconds: number | undefined;
  /** What the unit does until then. */
  readonly leg: string;
}

/** What happens from a time to the next that is recorded, where that has a name. */
const legs: Readonly<Record<string, string>> = {
  "eTimes.01": "Call handling",
  "eTimes.02": "Dispatch",
  "eTimes.03": "Turnout",
  "eTimes.04": "Turnout",
  "eTimes.05": "Travel",
  "eTimes.06": "To patient",
  "eTimes.07": "Patient care",
  "eTimes.09": "Transport",
  "eTimes.11": "Handover",
  "eTimes.12": "Turnaround",
};

/** The recorded times one after the other, as the clock had them, with the time between. */
export function stopsOf(times: readonly CallTime[]): Stop[] {
  const known = times.filter((t): t is CallTime & { at: number } => t.at !== undefined);
  const sorted = known.map((t, i) => ({ t, i })).sort((a, b) => a.t.at - b.t.at || a.i - b.i);
  return sorted.map(({ t }, i) => {
    const next = sorted[i + 1]?.t;
    return {
      ...t,
      seconds: next ? Math.round((next.at - t.at) / 1000) : undefined,
      leg: next ? (legs[t.element] ?? "") : "",
    };
  });
}
