import { describe, expect, it } from "vitest";
import { dayAfter, dayStart } from "./days";

describe("dayStart", () => {
  it.each([
    ["2026-01-15", "America/Chicago", "2026-01-15T06:00:00.000Z"],
    ["2026-07-15", "America/Chicago", "2026-07-15T05:00:00.000Z"],
    ["2026-03-08", "America/Chicago", "2026-03-08T06:00:00.000Z"],
    ["2026-03-09", "America/Chicago", "2026-03-09T05:00:00.000Z"],
    ["2026-11-01", "America/Chicago", "2026-11-01T05:00:00.000Z"],
    ["2026-11-02", "America/Chicago", "2026-11-02T06:00:00.000Z"],
    ["2026-03-08", "Pacific/Auckland", "2026-03-07T11:00:00.000Z"],
    ["2026-03-08", "UTC", "2026-03-08T00:00:00.000Z"],
  ])("%s in %s", (day, zone, want) => {
    expect(dayStart(day, zone).toISOString()).toBe(want);
  });
});

describe("dayAfter", () => {
  it("crosses months, years and leap days", () => {
    expect(dayAfter("2026-02-28")).toBe("2026-03-01");
    expect(dayAfter("2024-02-28")).toBe("2024-02-29");
    expect(dayAfter("2026-12-31")).toBe("2027-01-01");
  });
});
