import { describe, expect, test } from "vitest";
import {
  clockChanges,
  formatClock,
  formatDate,
  formatDuration,
  formatMoney,
  formatRelative,
  formatTime,
  fromCalendarDate,
  isoDay,
  toCalendarDate,
} from "./format";

const moment = "2026-11-22T20:02:07Z";

describe("times", () => {
  test("are in the zone and name it", () => {
    expect(formatTime(moment, "America/Chicago")).toBe("Nov 22, 2026, 14:02 CST");
    expect(formatTime("2026-07-01T12:00:00Z", "America/Denver")).toBe("Jul 1, 2026, 06:00 MDT");
    expect(formatTime(moment, "America/Chicago", "time")).toBe("14:02 CST");
    expect(formatTime(moment, "America/Chicago", "clock")).toBe("14:02:07 CST");
    expect(formatTime(moment, "America/Chicago", "seconds")).toBe("Nov 22, 2026, 14:02:07 CST");
  });

  test("of the clock alone say where the day or the zone changes", () => {
    const night = ["2026-11-18T05:59:46Z", "2026-11-18T06:15:46Z", "2026-11-18T06:20:00Z"].map((t) => Date.parse(t));
    expect(night.map((at) => formatClock(at, "America/Chicago"))).toEqual(["23:59:46", "00:15:46", "00:20:00"]);
    expect(clockChanges(night, "America/Chicago")).toEqual(["", "Nov 18", ""]);
    const autumn = ["2026-11-01T06:49:46Z", "2026-11-01T07:05:46Z"].map((t) => Date.parse(t));
    expect(autumn.map((at) => formatClock(at, "America/Chicago", "time"))).toEqual(["01:49", "01:05"]);
    expect(clockChanges(autumn, "America/Chicago")).toEqual(["", "CST"]);
    expect(
      clockChanges([Date.parse("2026-10-31T12:00:00Z"), Date.parse("2026-11-02T12:00:00Z")], "America/Chicago"),
    ).toEqual(["", "Nov 2, CST"]);
    expect(clockChanges([], "America/Chicago")).toEqual([]);
  });

  test("that are none are a dash", () => {
    expect(formatTime("soon", "America/Chicago")).toBe("—");
    expect(formatDate(undefined)).toBe("—");
    expect(formatDuration("")).toBe("—");
  });

  test("a calendar date has no zone, and goes to a form and back", () => {
    const date = { year: 2026, month: 3, day: 9 };
    expect(formatDate(date)).toBe("Mar 9, 2026");
    expect(fromCalendarDate(date)).toBe("2026-03-09");
    expect(toCalendarDate("2026-03-09")).toEqual(date);
    expect(toCalendarDate("")).toBeUndefined();
  });

  test("the day of a moment is the day of the zone", () => {
    expect(isoDay(new Date("2026-11-22T03:00:00Z"), "America/Chicago")).toBe("2026-11-21");
  });

  test("relative and lengths of time", () => {
    const now = Date.parse(moment);
    expect(formatRelative("2026-11-22T17:00:00Z", now)).toBe("3 hours ago");
    expect(formatRelative("2026-12-04T20:02:07Z", now)).toBe("in 12 days");
    expect(formatDuration("372s")).toBe("6 min 12 s");
    expect(formatDuration(3600)).toBe("1 h");
    expect(formatDuration(0)).toBe("0 s");
    expect(formatDuration(-90)).toBe("−1 min 30 s");
  });

  test("money", () => {
    expect(formatMoney({ currencyCode: "USD", units: "1234", nanos: 500000000 })).toBe("$1,234.50");
  });
});
