import { act, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { refuse, serve, type Handler } from "@/test/api";
import { person } from "@/test/people";
import { open } from "@/test/render";

const counts = { counts: [] };

/** All that a home page and the frame around it read again and again. */
const answers: Record<string, Handler | object> = {
  "GET /api/session": { idleExpireTime: "2026-11-22T20:00:00Z", expireTime: "2026-11-22T23:00:00Z" },
  "GET /api/health": { ready: true, conditions: [] },
  "GET /api/clinical/chart-summary": { days: [] },
  "GET /api/qa/case-summary": counts,
  "GET /api/billing/claim-summary": counts,
  "GET /api/dea/notice": { acknowledged: true },
  "GET /api/cms/notice": { acknowledged: true },
  "GET /api/dea/expiration-alerts": { alerts: [] },
  "GET /api/cms/expiration-alerts": { alerts: [] },
  "GET /api/audit/checkpoint": { treeSize: "42" },
  "GET /api/agencies": { agencies: [] },
};

beforeEach(() =>
  vi.useFakeTimers({
    now: Date.parse("2026-11-22T12:00:00Z"),
    shouldAdvanceTime: true,
    toFake: ["Date", "setTimeout", "clearTimeout", "setInterval", "clearInterval"],
  }),
);
afterEach(() => vi.useRealTimers());

/** Calls of twelve minutes in which nobody touches anything. */
async function unattended(role: string, path: string, over: Record<string, Handler | object> = {}) {
  const calls = serve({ ...answers, "GET /api/me": person(role), ...over });
  await open(path);
  await screen.findByRole("heading", { level: 1 });
  await act(() => vi.advanceTimersByTimeAsync(5000));
  const before = calls.length;
  await act(() => vi.advanceTimersByTimeAsync(12 * 60_000));
  return calls.slice(before);
}

const unmarked = (calls: readonly { path: string; headers: Headers }[]) =>
  [...new Set(calls.filter((c) => !c.headers.has("X-Fleet-Background")).map((c) => c.path))].toSorted();

test.each([
  ["agency_administrator", "/home"],
  ["compliance_officer", "/account"],
  ["founder", "/founder"],
])("a page of the %s that nobody touches keeps no session alive", async (role, path) => {
  const calls = await unattended(role, path);
  expect(calls.filter((c) => c.path === "/api/me").length).toBeGreaterThan(3);
  expect(unmarked(calls)).toEqual([]);
});

test("nor does one that asks in vain", async () => {
  const away = () => refuse(503, "SERVICE_UNAVAILABLE");
  const calls = await unattended("agency_administrator", "/home", {
    "GET /api/qa/case-summary": away,
    "GET /api/clinical/chart-summary": away,
    "GET /api/billing/claim-summary": away,
  });
  expect(calls.filter((c) => c.path === "/api/qa/case-summary").length).toBeGreaterThan(5);
  expect(unmarked(calls)).toEqual([]);
});
