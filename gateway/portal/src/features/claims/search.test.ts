import { expect, test } from "vitest";
import { activeFilters, claimFilter, claimSearch } from "./search";

test("the worklist opens on what is incomplete, the oldest date of service first", () => {
  expect(claimFilter({})).toEqual({ state: "STATE_DRAFT", orderBy: "serviceDate" });
  expect(activeFilters({ order: "newest" })).toEqual([]);
});

test.each([
  [{ state: "any" }, { orderBy: "serviceDate" }],
  [
    { state: "no_bill", order: "newest" },
    { state: "STATE_NO_BILL", orderBy: "createTime desc" },
  ],
  [
    { missing: "PCS_MISSING", order: "oldest" },
    { state: "STATE_DRAFT", missingCode: "PCS_MISSING", orderBy: "createTime" },
  ],
  [
    { state: "any", missing: "PCS_MISSING" },
    { missingCode: "PCS_MISSING", orderBy: "serviceDate" },
  ],
  // Nothing is missing in a ready claim: the parameter would only empty the list.
  [
    { state: "ready", missing: "PCS_MISSING" },
    { state: "STATE_READY", orderBy: "serviceDate" },
  ],
] as const)("%o is asked as %o", (search, filter) => {
  expect(claimFilter(search)).toEqual(filter);
});

test("what is wrong in the address is dropped, the rest stays", () => {
  expect(claimSearch.parse({ state: "paid", missing: "pcs missing", order: "newest" })).toEqual({ order: "newest" });
  expect(activeFilters({ state: "ready", missing: "PCS_MISSING" })).toEqual(["state", "missing"]);
});
