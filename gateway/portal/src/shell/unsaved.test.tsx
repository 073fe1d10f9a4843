import { act, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepMs, session } from "@/api/session";
import { refuse, serve } from "@/test/api";
import { person } from "@/test/people";
import { open } from "@/test/render";
import { leave } from "./signout";

const me = person("compliance_officer");
const typed = "Counted the safe with the second officer.";

/** Tabs of one browser hear each other; this one is another tab. */
let otherTab: BroadcastChannel;
beforeEach(() => {
  otherTab = new BroadcastChannel("fleet-session");
});
afterEach(() => {
  otherTab.close();
  vi.useRealTimers();
  vi.restoreAllMocks();
});

function workspace(over: Record<string, object> = {}) {
  return serve({
    "GET /api/me": me,
    "GET /api/session": refuse(404, "SESSION_MISSING"),
    "GET /api/health": { ready: true, conditions: [] },
    "GET /api/dea/notice": { workspace: "dea", version: 1, acknowledged: true },
    "GET /api/dea/metadata": { metadata: [] },
    "GET /api/dea/compliance-note": { notes: [] },
    "GET /api/dea/expiration-alerts": { alerts: [] },
    "GET /api/cms/notice": { acknowledged: false },
    ...over,
  });
}

async function typing() {
  const calls = workspace();
  const view = await open("/dea/notes");
  const field = await screen.findByRole("textbox", { name: "New note" });
  await view.user.type(field, typed);
  return { ...view, calls, field };
}

/** Everything that the gateway is asked is refused. */
async function lose(reason: string, client: Awaited<ReturnType<typeof open>>["client"]) {
  serve({ "GET /api/me": refuse(401, reason) });
  await act(() => client.refetchQueries({ queryKey: ["me"] }));
  await waitFor(() => expect(session.get().ended).not.toBeNull());
}

test("what was typed is hidden when the session is over, and is there again for its person", async () => {
  const { user, client, field } = await typing();
  const opened = vi.spyOn(window, "open").mockReturnValue(window);
  await lose("SESSION_IDLE", client);
  expect(await screen.findByRole("dialog", { name: "You were signed out" })).toHaveTextContent(
    "still here for an hour",
  );
  expect(field).not.toBeVisible();
  await user.click(screen.getByRole("button", { name: "Sign in and go on" }));
  expect(opened).toHaveBeenCalledWith("/auth/login?return=%2Fsigned-in", "fleet-sign-in", expect.any(String));

  const calls = workspace({ "POST /api/dea/compliance-note": { id: "n1" } });
  otherTab.postMessage({ type: "begun", subject: me.subject });
  await waitFor(() => expect(field).toBeVisible());
  expect(field).toHaveValue(typed);
  expect(screen.queryByRole("dialog", { name: "You were signed out" })).toBeNull();
  await user.click(screen.getByRole("button", { name: "Add note" }));
  await waitFor(() => expect(calls.find((c) => c.method === "POST")?.body).toMatchObject({ text: typed }));
});

test("somebody else who signs in sees nothing of it", async () => {
  const { client } = await typing();
  await lose("SESSION_UNKNOWN", client);
  await screen.findByRole("dialog", { name: "You were signed out" });
  otherTab.postMessage({ type: "begun", subject: "somebody else" });
  expect(await screen.findByRole("heading", { level: 1, name: "Somebody else has signed in" })).toBeVisible();
  expect(document.body).not.toHaveTextContent(typed);
  expect(screen.queryByRole("textbox", { name: "New note", hidden: true })).toBeNull();
});

test("a session that was ended from elsewhere leaves nothing behind", async () => {
  const { client } = await typing();
  await lose("SESSION_ENDED", client);
  expect(await screen.findByRole("heading", { level: 1, name: "Your session was ended" })).toBeVisible();
  expect(screen.queryByRole("textbox", { name: "New note", hidden: true })).toBeNull();
});

test("nobody who comes back within an hour leaves nothing behind", async () => {
  const { client } = await typing();
  vi.useFakeTimers({ shouldAdvanceTime: true, toFake: ["setTimeout", "clearTimeout"] });
  await lose("SESSION_EXPIRED", client);
  await act(() => vi.advanceTimersByTimeAsync(keepMs - 60_000));
  expect(screen.getByRole("textbox", { name: "New note", hidden: true })).toHaveValue(typed);
  await act(() => vi.advanceTimersByTimeAsync(60_000));
  expect(screen.queryByRole("textbox", { name: "New note", hidden: true })).toBeNull();
  expect(screen.getByRole("heading", { level: 1, name: "Your session has ended" })).toBeVisible();
});

test("a page of somebody who is not signed in any more in this browser shows nothing of theirs", async () => {
  const to = vi.spyOn(leave, "to").mockImplementation(() => undefined);
  workspace();
  const { user, client } = await open("/account");
  await screen.findByRole("heading", { level: 1, name: "My account" });
  // Without a word of the other tab: the gateway answers for whom the browser is now.
  serve({ "GET /api/me": person("qa_reviewer", { subject: "somebody else" }) });
  await act(() => client.refetchQueries({ queryKey: ["me"], exact: true }));
  expect(await screen.findByRole("heading", { level: 1, name: "Somebody else has signed in" })).toBeVisible();
  expect(
    client
      .getQueryCache()
      .getAll()
      .filter((query) => query.state.data !== undefined),
  ).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Continue as who is signed in now" }));
  expect(to).toHaveBeenCalledWith("/");
});

test("asks before a page is left on which something was typed", async () => {
  const { user, router, field } = await typing();
  act(() => void router.navigate({ to: "/account" }));
  const ask = await screen.findByRole("dialog", { name: "Leave without saving?" });
  expect(ask).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Cancel" }));
  expect(router.state.location.pathname).toBe("/dea/notes");
  expect(field).toHaveValue(typed);
  await user.clear(field);
  await act(() => router.navigate({ to: "/account" }));
  expect(await screen.findByRole("heading", { level: 1, name: "My account" })).toBeVisible();
});
