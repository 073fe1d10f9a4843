import { act, screen, waitFor, within } from "@testing-library/react";
import { roles } from "@fleet/permissions";
import { afterEach, describe, expect, test, vi } from "vitest";
import { refuse, serve, type Handler } from "@/test/api";
import { founderFor, person } from "@/test/people";
import { expectAccessible, open } from "@/test/render";
import { judgePage } from "./guard";
import { landingOf } from "./landing";
import { navigation, navigationFor } from "./navigation";
import { panel } from "./panel";
import { createQueryClient } from "@/api/query";
import { makeRouter } from "@/router";
import { leave } from "./signout";

const none = { agencyId: null, reason: null };

afterEach(() => panel.set("none"));

/** What stands behind the frame of any page. */
function frame(me: ReturnType<typeof person>, more: Record<string, Handler | object> = {}) {
  return serve({
    "GET /api/me": me,
    "GET /api/session": refuse(404, "SESSION_MISSING"),
    "GET /api/health": { ready: true, conditions: [{ name: "clinical", ready: true }] },
    "GET /api/qa/case-summary": {
      counts: [
        { state: "STATE_PENDING", priority: "PRIORITY_HIGH", cases: 2, oldestCreateTime: "2026-11-21T10:00:00Z" },
      ],
    },
    "GET /api/dea/notice": { acknowledged: true },
    "GET /api/cms/notice": { acknowledged: false },
    "GET /api/dea/expiration-alerts": { alerts: [] },
    "GET /api/agencies": {
      agencies: [
        { id: "1", displayName: "Lakeshore EMS" },
        { id: "2", displayName: "High Plains EMS" },
      ],
    },
    "GET /api/audit/checkpoint": { treeSize: "42" },
    "GET /api/agencies/1/modules": { modules: [{ module: "qa", enabled: true }] },
    "GET /api/agencies/2/modules": { modules: [{ module: "qa", enabled: false }] },
    ...more,
  });
}

describe("the navigation", () => {
  const shown = (role: string) => navigationFor(person(role), none).flatMap((g) => g.entries.map((e) => e.path));

  test("of each role is what its scopes open", () => {
    const table = Object.fromEntries(roles.filter((r) => !r.machine).map((r) => [r.name, shown(r.name)]));
    expect(table).toMatchSnapshot();
  });

  test("leaves out what belongs to a module that is off, and a workspace that is closed", () => {
    const me = person("compliance_officer", {
      workspaces: [
        { workspace: "dea", visible: false, reason: "X" },
        { workspace: "cms", visible: true },
      ],
    });
    const paths = navigationFor(me, none).flatMap((g) => g.entries.map((e) => e.path));
    expect(paths).toContain("/cms");
    expect(paths).not.toContain("/dea");
    const off = navigationFor({ ...me, modules: [] }, none).flatMap((g) => g.entries.map((e) => e.path));
    expect(off).not.toContain("/cms");
    expect(off).toContain("/audit");
  });

  test("has one entry for each address, and a page behind each", () => {
    const paths = navigation.flatMap((g) => g.entries.map((e) => e.path));
    expect(new Set(paths).size).toBe(paths.length);
    const routes: object = makeRouter(createQueryClient()).routesByPath;
    for (const path of [...paths, ...roles.map((r) => landingOf(person(r.name)))])
      expect(routes).toHaveProperty([path]);
  });
});

test("each role lands on a page that it may open", () => {
  for (const role of roles.filter((r) => !r.machine)) {
    const me = person(role.name);
    const entry = navigation.flatMap((g) => g.entries).find((e) => e.path === landingOf(me));
    expect([role.name, judgePage(entry?.needs ?? [], me, none).allowed]).toEqual([role.name, true]);
  }
});

describe("the frame", () => {
  test("shows the page with one main and one h1, and can be used without seeing it", async () => {
    frame(person("qa_reviewer"));
    const { container } = await open("/account");
    expect(await screen.findByRole("heading", { level: 1, name: "My account" })).toBeVisible();
    expect(screen.getAllByRole("main")).toHaveLength(1);
    expect(document.title).toBe("My account · FusionEMS Quantum");
    await expectAccessible(container);
  });

  test("moves the focus to the heading of the next page", async () => {
    frame(person("qa_reviewer"), { "GET /api/clinical/chart-summary": { charts: 0 } });
    const { user } = await open("/account");
    await screen.findByRole("heading", { level: 1 });
    await user.click(within(screen.getByRole("navigation", { name: "Main" })).getByRole("link", { name: "Home" }));
    const heading = await screen.findByRole("heading", { level: 1, name: "Home" });
    await waitFor(() => expect(heading).toHaveFocus());
  });

  test("says for a page that the role does not open why, and calls nothing of it", async () => {
    const calls = frame(person("billing_staff"));
    await open("/founder");
    expect(await screen.findByRole("heading", { level: 1, name: "You may not open this page" })).toBeVisible();
    expect(calls.some((c) => c.path === "/api/agencies")).toBe(false);
  });

  test("says that an address leads nowhere", async () => {
    frame(person("qa_reviewer"));
    await open("/no/such/page");
    expect(await screen.findByRole("heading", { level: 1, name: "There is no such page" })).toBeVisible();
  });

  test("drops an agency from the address that is not the caller's", async () => {
    frame(person("qa_reviewer"), {
      "GET /api/me": (call: { headers: Headers }) =>
        call.headers.has("X-Agency-Id") ? refuse(403, "AGENCY_MISMATCH") : person("qa_reviewer"),
    });
    const { router } = await open("/account?agency=2");
    expect(await screen.findByRole("heading", { level: 1, name: "My account" })).toBeVisible();
    expect(router.state.location.search).toEqual({});
  });

  test("opens the search by keyboard and finds a page", async () => {
    frame(person("qa_reviewer"), { "GET /api/clinical/chart-summary": { charts: 0 } });
    const { user, router } = await open("/account");
    await screen.findByRole("heading", { level: 1 });
    await user.keyboard("{Control>}k{/Control}");
    await user.type(await screen.findByRole("combobox"), "dashboard");
    expect(await screen.findByRole("option", { name: /Home/ })).toHaveAttribute("aria-selected", "true");
    await user.keyboard("{Enter}");
    await waitFor(() => expect(router.state.location.pathname).toBe("/home"));
  });
});

describe("the search", () => {
  test("asks what the caller may ask, keeps names and numbers out of the address, and says what was refused", async () => {
    const calls = frame(person("qa_reviewer"), {
      "POST /api/clinical/charts:search": { charts: [{ id: "c1", pcrNumber: "26-0417", incidentNumber: "I-99" }] },
      "POST /api/qa/cases:search": refuse(503, "SERVICE_UNAVAILABLE"),
    });
    const { user, router } = await open("/account");
    await screen.findByRole("heading", { level: 1 });
    await user.keyboard("/");
    await user.type(await screen.findByRole("combobox"), "26-04");
    expect(await screen.findByRole("option", { name: /PCR 26-0417/ })).toBeVisible();
    expect(screen.getByText(/QA cases: A part of the system is away/)).toBeVisible();
    const asked = calls.filter((c) => c.method === "POST");
    expect(asked.map((c) => [c.path, c.body])).toEqual([
      ["/api/clinical/charts:search", { query: "26-04", pageSize: 6 }],
      ["/api/qa/cases:search", { query: "26-04", pageSize: 6 }],
    ]);
    expect(router.state.location.href).toBe("/account");
    expect(calls.some((c) => c.path === "/api/people" || c.path === "/api/agencies")).toBe(false);
  });
});

describe("the bell", () => {
  afterEach(() => window.localStorage.clear());

  test("shows what waits, marks what is new, and forgets the mark once it was looked at", async () => {
    frame(person("qa_reviewer"));
    const { user, container } = await open("/account");
    const bell = await screen.findByRole("button", { name: "Notifications, 1 new" });
    await user.click(bell);
    const item = await screen.findByRole("link", { name: /2 high-priority QA cases wait/ });
    expect(item).toHaveAttribute("href", "/qa/cases?priority=high");
    await expectAccessible(container);
    await user.click(screen.getAllByRole("button", { name: "Close" }).at(-1) as HTMLElement);
    expect(await screen.findByRole("button", { name: "Notifications" })).toBeVisible();
    expect(Object.keys(window.localStorage)).toEqual(["fleet-bell-seen"]);
  });
});

describe("a founder", () => {
  test("is asked for a reason before anything is read across agencies, and sees it on every page", async () => {
    const seen: (string | null)[] = [];
    frame(person("founder"), {
      "GET /api/qa/case-summary": (call: { headers: Headers }) => {
        seen.push(call.headers.get("X-Access-Reason"));
        return { counts: [{ state: "STATE_PENDING", priority: "PRIORITY_HIGH", cases: 5 }] };
      },
      "GET /api/clinical/chart-summary": { charts: 9 },
      "GET /api/billing/claim-summary": { states: [{ state: "STATE_DRAFT", claims: 4 }] },
    });
    const { user, container } = await open("/founder");
    expect(await screen.findByText("Counts of charts, cases and claims need a reason")).toBeVisible();
    expect(seen).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Read across all agencies" }));
    await user.type(await screen.findByLabelText("Reason"), "short");
    await user.click(screen.getByRole("button", { name: "Read across agencies" }));
    expect(await screen.findByText(/at least 8 characters/)).toBeVisible();
    await user.type(screen.getByLabelText("Reason"), " monthly review");
    await user.click(screen.getByRole("button", { name: "Read across agencies" }));
    expect(await screen.findByText(/Reason: short monthly review/)).toBeVisible();
    await waitFor(() => expect(seen[0]).toBe("short monthly review"));
    await expectAccessible(container);
    expect(Object.keys(window.localStorage)).toEqual([]);
  });

  test("works for an agency by the address, and leaves it", async () => {
    const calls = frame(person("founder"), {
      "GET /api/me": (call: { headers: Headers }) =>
        call.headers.get("X-Agency-Id") === "1" ? founderFor() : person("founder"),
    });
    const { user, router } = await open("/account?agency=1");
    const banner = await screen.findByRole("region", { name: "Whose data this is" });
    expect(banner).toHaveTextContent("Working for Lakeshore EMS");
    expect(calls.find((c) => c.path === "/api/me")?.headers.get("X-Agency-Id")).toBe("1");
    await user.click(within(banner).getByRole("button", { name: "Leave agency" }));
    await waitFor(() => expect(screen.queryByRole("region", { name: "Whose data this is" })).toBeNull());
    expect(router.state.location.search).toEqual({});
  });
});

describe("signing in and out", () => {
  test("goes to sign in when nobody is signed in, and comes back to the page", async () => {
    const to = vi.spyOn(leave, "to").mockImplementation(() => undefined);
    window.history.replaceState(null, "", "/account");
    serve({ "GET /api/me": refuse(401, "SESSION_MISSING") });
    await open("/account");
    await waitFor(() => expect(to).toHaveBeenCalledWith("/auth/login?return=%2Faccount"));
  });

  test("does not sign in again by itself after signing out", async () => {
    const to = vi.spyOn(leave, "to").mockImplementation(() => undefined);
    serve({});
    const { user } = await open("/signed-out?reason=signed-out");
    expect(await screen.findByRole("heading", { level: 1, name: "You are signed out" })).toBeVisible();
    expect(to).not.toHaveBeenCalled();
    await user.click(screen.getByRole("button", { name: "Sign in" }));
    expect(to).toHaveBeenCalledOnce();
  });

  test("shows nothing any more once the session was ended elsewhere", async () => {
    const calls = frame(person("qa_reviewer"));
    const { client } = await open("/account");
    await screen.findByRole("heading", { level: 1, name: "My account" });
    calls.length = 0;
    serve({ "GET /api/me": refuse(401, "SESSION_ENDED") });
    await act(() => client.refetchQueries({ queryKey: ["me"] }));
    expect(await screen.findByRole("heading", { level: 1, name: "Your session was ended" })).toBeVisible();
    expect(screen.queryByText("lakeshore-qa_reviewer")).toBeNull();
    expect(
      client
        .getQueryCache()
        .getAll()
        .filter((query) => query.state.data !== undefined),
    ).toEqual([]);
  });
});
