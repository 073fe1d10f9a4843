import { describe, expect, it } from "vitest";
import { missing, notRecorded, refused, stemi, value } from "./facts.test-data";
import { intervalRows, triggerPolicyOf, type Sources } from "./intervals";
import { callTimes, stopsOf } from "./timeline";
import { domainOf, staggered, ticksOf } from "./axis";
import { interventionsOf, reasonForNone } from "./interventions";
import { pointsOf, saysVitals, signsIn, summaryOf } from "./vitals";

const facts = stemi.facts;

describe("timeline", () => {
  it("lists every time, recorded or not", () => {
    const times = callTimes(facts?.times);
    expect(times).toHaveLength(17);
    expect(times.find((t) => t.element === "eTimes.12")?.said).toEqual({ kind: "notValue", text: "Not recorded" });
    expect(times.find((t) => t.element === "eTimes.08")?.said.kind).toBe("absent");
  });

  it("measures from each recorded time to the next", () => {
    const stops = stopsOf(callTimes(facts?.times));
    expect(stops.map((s) => [s.short, s.leg, s.seconds])).toEqual([
      ["PSAP call", "Call handling", 90],
      ["Unit notified", "Turnout", 90],
      ["En route", "Travel", 630],
      ["On scene", "To patient", 60],
      ["At patient", "Patient care", 1920],
      ["Left scene", "Transport", 720],
      ["At destination", "Handover", 1380],
      ["In service", "", undefined],
    ]);
  });

  it("says which time is out of order, and still shows the clock's order", () => {
    const times = callTimes({ "eTimes.05": value("2026-03-01T10:10:00Z"), "eTimes.06": value("2026-03-01T10:05:00Z") });
    expect(times.filter((t) => t.outOfOrder).map((t) => t.element)).toEqual(["eTimes.06"]);
    expect(stopsOf(times).map((s) => s.element)).toEqual(["eTimes.06", "eTimes.05"]);
  });

  it("has nothing to show without times", () => {
    expect(stopsOf(callTimes(undefined))).toEqual([]);
  });
});

describe("intervals against limits", () => {
  const policy = triggerPolicyOf(3, {
    triggers: {
      "TIME.RESP_CRIT": { class: "mandatory", enabled: true, threshold: 10 },
      "TIME.SCENE_CRIT": { enabled: true, threshold: 33 },
      "TIME.SCENE_ARREST": { enabled: true, threshold: 25 },
      "TIME.RESP_STD": { enabled: false, threshold: 20 },
    },
    definitions: { arrest: { cardiacArrest: ["3001003"] } },
  });
  const row = (id: string, sources: Sources, f = facts) => intervalRows(f, sources).find((r) => r.id === id);

  it("reads the limit of the call's priority from the policy in force", () => {
    expect(row("response", { policy, fired: null })?.verdict).toEqual({
      kind: "over",
      limit: { code: "TIME.RESP_CRIT", minutes: 10, from: "policy", version: 3 },
      overSeconds: 120,
    });
    // Exactly at the limit is not above it.
    expect(row("onScene", { policy, fired: null })?.verdict).toMatchObject({ kind: "within", overSeconds: 0 });
  });

  it("holds an arrest to the limit for arrests", () => {
    const arrest = { ...facts, arrest: { cardiacArrest: value("3001003") } };
    expect(row("onScene", { policy, fired: null }, arrest)?.verdict).toMatchObject({
      kind: "over",
      limit: { code: "TIME.SCENE_ARREST" },
    });
  });

  it("prefers what the case was judged under", () => {
    const fired = [{ code: "TIME.RESP_CRIT", threshold: 11, measuredValue: 12, ruleVersion: 2 }];
    expect(row("response", { policy, fired })?.verdict).toMatchObject({
      kind: "over",
      limit: { minutes: 11, from: "case", version: 2 },
    });
  });

  it("says what the caller cannot see", () => {
    expect(row("response", { policy: null, fired: null })?.verdict.kind).toBe("hidden");
    expect(row("response", { policy: null, fired: [] })?.verdict.kind).toBe("quiet");
    expect(row("turnout", { policy: null, fired: null })?.verdict.kind).toBe("none");
  });

  it("judges nothing that was not measured or not to be measured", () => {
    expect(row("turnaround", { policy, fired: [] })).toMatchObject({
      seconds: undefined,
      invalid: true,
      verdict: { kind: "none" },
    });
    const cancelled = { ...facts, intervals: { ...facts?.intervals, cancelledBeforeArrival: true } };
    expect(row("response", { policy, fired: null }, cancelled)?.verdict.kind).toBe("unknown");
    expect(row("response", { policy, fired: null }, { ...facts, intervals: {} })?.verdict.kind).toBe("unknown");
  });

  it("takes no limit from a trigger that is off", () => {
    const standard = { ...facts, response: { priority: "standard" } };
    expect(row("response", { policy, fired: null }, standard)?.verdict.kind).toBe("none");
  });

  it("reads no policy out of another document", () => {
    expect(triggerPolicyOf(1, { levels: [] })).toBeNull();
    expect(triggerPolicyOf(1, null)).toBeNull();
  });
});

describe("vital signs", () => {
  it("plots what was measured and nothing else", () => {
    const points = pointsOf(facts?.vitals);
    expect(points).toHaveLength(2);
    expect(points[0]).toMatchObject({ heartRate: 104, pressure: [92, 148], prior: false });
    expect(points[0]).not.toHaveProperty("etco2");
    expect(points[1]).toMatchObject({ systolic: 138 });
    expect(points[1]).not.toHaveProperty("pressure");
    expect(points[1]).not.toHaveProperty("respiratoryRate");
    expect(signsIn(points).map((s) => s.key)).toEqual([
      "heartRate",
      "pressure",
      "pulseOximetry",
      "respiratoryRate",
      "gcsTotal",
      "pain",
    ]);
  });

  it("leaves out a set without a time, and orders the rest", () => {
    const points = pointsOf([
      { time: value("2026-03-01T10:20:00Z"), heartRate: value("2") },
      { time: notRecorded, heartRate: value("9") },
      { time: value("2026-03-01T10:10:00Z"), heartRate: value("1") },
      { time: missing },
    ]);
    expect(points.map((p) => p.heartRate)).toEqual([1, 2]);
  });

  it("describes a plot in words", () => {
    const points = pointsOf(facts?.vitals);
    const of = (key: string) => summaryOf(signsIn(points).find((s) => s.key === key) ?? expect.fail(key), points);
    expect(of("heartRate")).toBe("2 measurements, 96 to 104 /min");
    expect(of("pressure")).toBe("1 measurement, systolic 148 mm Hg");
    expect(of("gcsTotal")).toBe("2 measurements, 15");
  });

  it("tells given, refused and given before apart", () => {
    const { medications, procedures } = interventionsOf(facts);
    expect(medications.map((m) => [m.mark, m.done, m.status, m.why])).toEqual([
      ["M1", true, "Given", ""],
      ["M2", false, "Not given", "Refused"],
      ["M3", false, "Given before", "Before this unit's care"],
    ]);
    expect(medications[0]).toMatchObject({ code: "1191", detail: "324 Milligrams (mg), Oral" });
    expect(medications[1]?.name).toMatch(/nitroglycerin/i);
    expect(procedures[0]).toMatchObject({
      mark: "P1",
      done: true,
      status: "Performed",
      detail: "1 attempt, successful",
    });
  });

  it("shares one axis with whole minutes on it", () => {
    const { medications, procedures } = interventionsOf(facts);
    const domain = domainOf(pointsOf(facts?.vitals), [...medications, ...procedures]) ?? expect.fail("no domain");
    expect(domain[0]).toBeLessThan(Date.parse("2026-03-01T09:50:00-06:00"));
    expect(domain[1]).toBeGreaterThan(Date.parse("2026-03-01T10:30:00-06:00"));
    const ticks = ticksOf(domain);
    expect(ticks.length).toBeGreaterThanOrEqual(3);
    expect(ticks.length).toBeLessThanOrEqual(8);
    expect(ticks.every((t) => t % 60_000 === 0)).toBe(true);
    expect(domainOf([], [])).toBeNull();
  });

  it("keeps marks that follow each other closely apart", () => {
    const mark = (at: number, kind: "medication" | "procedure") => ({ at, kind });
    const rows = staggered(
      [
        mark(52, "medication"),
        mark(50, "medication"),
        mark(54, "medication"),
        mark(51, "procedure"),
        mark(90, "medication"),
      ],
      [0, 100],
    );
    expect(rows.map((r) => [r.at, r.lane])).toEqual([
      [50, 2.4],
      [51, 0],
      [52, 3.05],
      [54, 3.7],
      [90, 2.4],
    ]);
    // More than there are lanes: the one taken longest ago is taken again.
    const many = staggered(
      [1, 2, 3, 4].map((at) => mark(at, "procedure")),
      [0, 100],
    );
    expect(many.map((r) => r.lane)).toEqual([0, 0.65, 1.3, 0]);
  });

  it("leaves out groups that only say why they are empty", () => {
    const nothing = { code: { state: "STATE_NOT_VALUE", reasonCode: "7701001" }, time: notRecorded } as const;
    const { medications, procedures } = interventionsOf({ medications: [nothing], procedures: [nothing] });
    expect([medications, procedures]).toEqual([[], []]);
    expect(reasonForNone([nothing])).toBe("Not applicable");
    // The marks still count the groups of the document.
    const given = { code: value("1191"), time: value("2026-03-01T10:18:00-06:00"), given: true };
    expect(interventionsOf({ medications: [nothing, given] }).medications.map((m) => m.mark)).toEqual(["M2"]);
  });

  it("knows a set of vital signs that says nothing", () => {
    expect(saysVitals({ time: notRecorded, heartRate: notRecorded })).toBe(false);
    expect(saysVitals({ heartRate: refused() })).toBe(true);
    expect(saysVitals({ pain: value("3") })).toBe(true);
  });
});
