import { describe, expect, it } from "vitest";
import { addDays, daysOf, isDay, meaningOf, periodBetween, periodOf, periodText } from "./period";

const chicago = "America/Chicago";

describe("the days of a preset", () => {
  it.each([
    ["this-month", "2026-11-22", "2026-11-01", "2026-11-22"],
    ["last-month", "2026-11-22", "2026-10-01", "2026-10-31"],
    ["last-month", "2026-01-05", "2025-12-01", "2025-12-31"],
    ["last-month", "2028-03-31", "2028-02-01", "2028-02-29"],
    ["last-30-days", "2026-03-01", "2026-01-31", "2026-03-01"],
    ["this-quarter", "2026-12-31", "2026-10-01", "2026-12-31"],
    ["last-quarter", "2026-02-14", "2025-10-01", "2025-12-31"],
    ["last-quarter", "2026-07-01", "2026-04-01", "2026-06-30"],
  ] as const)("%s on %s", (preset, today, from, to) => {
    expect(periodOf(preset, today)).toEqual({ from, to });
  });

  it("counts both ends", () => {
    expect(daysOf(periodOf("last-30-days", "2026-11-22"))).toBe(30);
    expect(daysOf({ from: "2026-11-22", to: "2026-11-22" })).toBe(1);
    expect(addDays("2026-12-31", 1)).toBe("2027-01-01");
  });

  it("knows what a day is", () => {
    expect(["2026-02-28", "2028-02-29"].every(isDay)).toBe(true);
    expect(["2026-02-29", "2026-13-01", "", "tomorrow", "2026-1-1"].some(isDay)).toBe(false);
  });
});

describe("the zone", () => {
  it("is named at both ends of a period", () => {
    expect(meaningOf({ from: "2026-11-01", to: "2026-11-22" }, chicago)).toBe(
      "Calls whose unit was notified (eTimes.03) from Nov 1, 2026, 00:00 CDT to the end of Nov 22, 2026, CST: 22 days of America/Chicago.",
    );
    expect(meaningOf({ from: "2026-07-04", to: "2026-07-04" }, "UTC")).toContain("1 day of UTC");
  });

  it("gives an execution the days that it was asked for", () => {
    const days = periodBetween("2026-03-01T06:00:00Z", "2026-04-01T05:00:00Z", chicago);
    expect(days).toEqual({ from: "2026-03-01", to: "2026-03-31" });
    expect(periodBetween(undefined, "2026-04-01T05:00:00Z", chicago)).toBeUndefined();
  });
});

it("says a period shortly", () => {
  expect(periodText({ from: "2026-11-01", to: "2026-11-22" })).toBe("Nov 1 – Nov 22, 2026");
  expect(periodText({ from: "2025-12-15", to: "2026-01-15" })).toBe("Dec 15, 2025 – Jan 15, 2026");
  expect(periodText({ from: "2026-11-01", to: "2026-11-01" })).toBe("Nov 1, 2026");
});
