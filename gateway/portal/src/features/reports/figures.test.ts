import { describe, expect, it } from "vitest";
import { axisOf, boxOf } from "./boxplot";
import { clock, excludedText, isFew, sorted, spoken, totalOf, type Row } from "./figures";
import { runSchema } from "./form";
import { elementsOf, exclusionWords, firstSentence, groupName, sentences } from "./words";

const row = (group: string, n: number, median?: number, over: Row = {}): Row => ({
  group,
  n,
  ...(median === undefined ? {} : { medianSeconds: median }),
  ...over,
});

describe("figures in words", () => {
  it.each([
    [0, "0:00", "0 seconds"],
    [9.4, "0:09", "9 seconds"],
    [61, "1:01", "1 minute 1 second"],
    [3599.6, "1:00:00", "1 hour"],
    [3661, "1:01:01", "1 hour 1 minute 1 second"],
    [undefined, "—", "not known"],
  ])("%s seconds are %s", (seconds, shown, said) => {
    expect(clock(seconds)).toBe(shown);
    expect(spoken(seconds)).toBe(said);
  });

  it("says why calls were left out", () => {
    const excluded = [
      { reason: "CANCELLED_BEFORE_ARRIVAL", n: 1200 },
      { reason: "NOT_TRANSPORTED", n: 2 },
      { reason: "TIME_INVALID", n: 0 },
      { reason: "TIME_UNKNOWN", n: 3 },
    ];
    expect(excludedText(excluded)).toBe(
      "1,200 cancelled before arrival, 2 without transport of a patient, 3 without one of the two times",
    );
    expect(totalOf(excluded)).toBe(1205);
    expect(excludedText(undefined)).toBe("");
    expect(exclusionWords("TIME_INVALID")).toBe("with times in the wrong order or over 24 h apart");
    expect(exclusionWords("SOMETHING_NEW")).toBe("something new");
  });

  it("is cautious below ten calls, and not about groups without any", () => {
    expect([0, 1, 9, 10].map((n) => isFew(row("M1", n)))).toEqual([false, true, true, false]);
  });
});

describe("the names of groups", () => {
  const names = { codes: { "2205001": "Emergency Response (Primary Response Area)" }, agencies: { "1": "Lakeshore" } };
  it.each([
    ["unit", "Medic 41", "Medic 41"],
    ["unit", "unknown", "Not recorded"],
    ["priority", "critical", "Critical"],
    ["day", "2026-11-01", "Nov 1, 2026"],
    ["service_type", "2205001", "Emergency Response (Primary Response Area)"],
    ["response_mode", "2223001", "2223001"],
    ["agency", "1", "Lakeshore"],
    ["agency", "7", "Agency 7"],
  ])("by %s: %s is %s", (groupBy, group, shown) => {
    expect(groupName(groupBy, group, names)).toBe(shown);
  });
});

describe("a description", () => {
  const text =
    "Unit notified (eTimes.03) to unit on scene (eTimes.06) of the calls. Left out: TIME_UNKNOWN. Days are local.";
  it("has sentences and the two elements", () => {
    expect(firstSentence(text)).toBe("Unit notified (eTimes.03) to unit on scene (eTimes.06) of the calls.");
    expect(sentences(text)).toHaveLength(3);
    expect(elementsOf(text)).toEqual(["eTimes.03", "eTimes.06"]);
    expect(elementsOf("nothing of the kind")).toBeUndefined();
  });
});

describe("the order of rows", () => {
  const rows = [row("Medic 10", 5, 300), row("Medic 2", 0), row("Medic 1", 12, 200)];
  const order = (key: Parameters<typeof sorted>[1], descending: boolean) =>
    sorted(rows, key, descending, (g) => g).map((r) => r.group);
  it("counts numbers in names, and puts what has no figure last", () => {
    expect(order("group", false)).toEqual(["Medic 1", "Medic 2", "Medic 10"]);
    expect(order("group", true)).toEqual(["Medic 10", "Medic 2", "Medic 1"]);
    expect(order("median", false)).toEqual(["Medic 1", "Medic 10", "Medic 2"]);
    expect(order("median", true)).toEqual(["Medic 10", "Medic 1", "Medic 2"]);
    expect(order("n", true)).toEqual(["Medic 1", "Medic 10", "Medic 2"]);
  });
});

describe("a box on its axis", () => {
  const spread = { p10Seconds: 300, p25Seconds: 450, p75Seconds: 900, p90Seconds: 1150 };
  it("has round ticks that hold every whisker", () => {
    expect(axisOf([row("a", 20, 600, spread)])).toEqual({ end: 1200, ticks: [0, 300, 600, 900, 1200] });
    expect(axisOf([row("a", 20, 3, { p90Seconds: 4 })])).toEqual({ end: 5, ticks: [0, 5] });
    expect(axisOf([row("a", 0)]).end).toBe(5);
    for (const largest of [1, 59, 61, 1801, 7205, 50_000, 86_400]) {
      const axis = axisOf([row("a", 20, 1, { p90Seconds: largest })]);
      expect(axis.end).toBeGreaterThanOrEqual(largest);
      expect(axis.ticks.length).toBeLessThanOrEqual(7);
    }
  });

  it("stands where its percentiles are", () => {
    const axis = { end: 1200, ticks: [] };
    expect(boxOf(row("a", 20, 600, spread), axis)).toEqual({
      median: 50,
      whisker: [25, (100 * 1150) / 1200],
      box: [37.5, 75],
    });
    expect(boxOf(row("a", 0), axis)).toBeUndefined();
  });

  it("of the first catalogue has no box, and a whisker from the median on", () => {
    expect(boxOf(row("a", 20, 600, { p90Seconds: 900 }), { end: 1200, ticks: [] })).toEqual({
      median: 50,
      whisker: [50, 75],
      box: undefined,
    });
  });
});

describe("what a run is asked by", () => {
  const check = (over: object) => {
    const values = { preset: "custom", from: "2026-11-01", to: "2026-11-20", groupBy: "unit", ...over };
    const result = runSchema("2026-11-22").safeParse(values);
    return result.success ? {} : Object.fromEntries(result.error.issues.map((i) => [i.path.join("."), i.message]));
  };
  it.each([
    [{}, {}],
    [{ to: "2027-01-31" }, {}],
    [{ from: "" }, { from: "Choose a day" }],
    [{ from: "2026-02-30" }, { from: "Choose a day" }],
    [{ to: "2026-10-31" }, { to: "The last day is before the first" }],
    [{ from: "2026-11-23", to: "2026-11-24" }, { from: "This day has not come yet" }],
    [{ from: "2025-11-20" }, {}],
    [{ from: "2025-11-19" }, { to: "A period has at most 366 days; this one has 367" }],
    [{ groupBy: "" }, { groupBy: "Choose what to group by" }],
  ])("%o", (over, problems) => {
    expect(check(over)).toEqual(problems);
  });
});
