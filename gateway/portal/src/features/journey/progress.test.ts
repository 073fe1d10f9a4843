import { describe, expect, it } from "vitest";
import { lag, nextLook, progressOf } from "./progress";

const imported = "2026-03-01T12:00:00Z";
const at = (seconds: number) => Date.parse(imported) + seconds * 1000;
const chart = { version: 2, importTime: imported };

describe("progressOf", () => {
  it("works for a while, and then there is nothing", () => {
    expect(progressOf({ there: false }, chart, at(0), at(10))).toBe("working");
    expect(progressOf({ there: false }, chart, at(0), at(200))).toBe("nothing");
  });

  it("is behind while it has dealt with an earlier version", () => {
    expect(progressOf({ there: true, version: 1 }, chart, at(0), at(10))).toBe("working");
    expect(progressOf({ there: true, version: 2 }, chart, at(0), at(10))).toBe("done");
    // A closed case keeps the version that it was judged by.
    expect(progressOf({ there: true, version: 1 }, chart, at(0), at(600))).toBe("done");
  });

  it("counts from the opening of the page when the chart is not visible", () => {
    expect(progressOf({ there: false }, {}, at(1000), at(1010))).toBe("working");
    expect(progressOf({ there: false }, {}, at(1000), at(1300))).toBe("nothing");
    expect(progressOf({ there: true, version: 1 }, {}, at(0), at(1))).toBe("done");
  });
});

describe("nextLook", () => {
  it("asks ever more rarely", () => {
    expect([0, 1, 2, 3, 20].map(nextLook)).toEqual([2000, 2000, 3000, 4500, 20_000]);
  });
});

describe("lag", () => {
  it("is told when both ends are known and in order", () => {
    expect(lag(imported, "2026-03-01T12:00:04.4Z")).toBe(4);
    expect(lag(undefined, imported)).toBeUndefined();
    expect(lag("2026-03-01T12:00:01Z", imported)).toBeUndefined();
  });
});
