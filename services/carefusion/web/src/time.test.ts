import { expect, test } from "vitest";
import { civil, civilOf, instantOf, minorOf, minuteOf, minutesSince, minuteText, money } from "./time.ts";

test("amounts are exact to the cent", () => {
  expect(["125.50", "125.5", "125", " 0.07 "].map(minorOf)).toEqual([12550, 12550, 12500, 7]);
  expect(["", "1,5", "-3", "1.234", "x", "12345678"].map(minorOf)).toEqual(Array(6).fill(undefined));
  expect(money("-12550", "USD")).toBe("-$125.50");
});

test("a day without a zone stays that day in every zone", () => {
  expect(civil(civilOf("1984-03-09"))).toBe("Mar 9, 1984");
  expect(civil(undefined)).toBe("");
});

test("minutes of a day survive the way to a field and back", () => {
  for (const m of [0, 1, 59, 60, 545, 1439]) expect(minuteOf(minuteText(m))).toBe(m);
  expect(minuteText(1440)).toBe("00:00");
});

test("nobody waits less than no time", () => {
  const now = Date.parse("2026-11-22T10:00:30Z");
  expect(minutesSince("2026-11-22T09:58:00Z", now)).toBe(2);
  expect(minutesSince("2026-11-22T10:01:00Z", now)).toBe(0);
});

test("a field of date and time means an instant where it is filled in, or nothing", () => {
  const local = new Date(2026, 2, 8, 1, 30);
  expect(instantOf("2026-03-08T01:30")).toBe(local.toISOString());
  expect([instantOf(""), instantOf("soon")]).toEqual([undefined, undefined]);
});
