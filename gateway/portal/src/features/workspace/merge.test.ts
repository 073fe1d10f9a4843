import { describe, expect, it } from "vitest";
import { changed, foreignChanges, merged } from "./merge";

const base = { name: "Prairie EMS", state: "MN", schedules: ["II"], due: "2027-01-01" };

describe("two people editing one record", () => {
  it("keep both changes when they touched different fields", () => {
    const mine = { ...base, due: "2028-01-01" };
    const theirs = { ...base, state: "WI" };
    expect(foreignChanges(base, mine, theirs)).toEqual([{ field: "state", contested: false }]);
    expect(merged(base, mine, theirs, new Set())).toEqual({ ...base, state: "WI", due: "2028-01-01" });
  });

  it("contest a field that both changed", () => {
    const mine = { ...base, schedules: ["II", "IV"] };
    const theirs = { ...base, schedules: ["II", "V"] };
    expect(foreignChanges(base, mine, theirs)).toEqual([{ field: "schedules", contested: true }]);
    expect(merged(base, mine, theirs, new Set(["schedules"])).schedules).toEqual(["II", "IV"]);
    expect(merged(base, mine, theirs, new Set()).schedules).toEqual(["II", "V"]);
  });

  it("agree when both changed it to the same", () => {
    const both = { ...base, due: "2028-01-01" };
    expect(foreignChanges(base, both, both)).toEqual([{ field: "due", contested: false }]);
    expect(merged(base, both, both, new Set())).toEqual(both);
  });

  it("name what differs for the update mask", () => {
    expect(changed(base, { ...base, schedules: ["II"] })).toEqual([]);
    expect(changed(base, { ...base, schedules: [], name: "x" })).toEqual(["name", "schedules"]);
  });
});
