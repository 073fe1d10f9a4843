import { expect, test } from "vitest";
import { activeFilters, caseFilter, caseSearch } from "./search";

test("the queue opens on what waits, the most urgent first", () => {
  expect(caseFilter({})).toEqual({ state: "STATE_PENDING", orderBy: "priority desc" });
  expect(activeFilters({ order: "newest" })).toEqual([]);
});

test.each([
  [{ state: "any" }, { orderBy: "priority desc" }],
  [
    { state: "under_review", order: "oldest" },
    { state: "STATE_UNDER_REVIEW", orderBy: "createTime" },
  ],
  [
    { priority: "high", trigger: "CLIN.ARREST", order: "newest" },
    { state: "STATE_PENDING", priority: "PRIORITY_HIGH", triggerCode: "CLIN.ARREST", orderBy: "createTime desc" },
  ],
] as const)("%o is asked as %o", (search, filter) => {
  expect(caseFilter(search)).toEqual(filter);
});

test("what is wrong in the address is dropped, the rest stays", () => {
  expect(caseSearch.parse({ state: "lost", priority: "high", trigger: "<script>", order: "7" })).toEqual({
    priority: "high",
  });
});

test("no parameter takes an incident number", () => {
  expect(caseSearch.parse({ incident: "LKS-1", query: "LKS-1", trigger: "LKS-26-1" })).toEqual({});
});
