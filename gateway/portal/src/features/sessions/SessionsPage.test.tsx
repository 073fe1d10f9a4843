import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { leave } from "@/shell/signout";
import { refuse, serve } from "@/test/api";
import { person } from "@/test/people";
import { expectAccessible, open } from "@/test/render";
import type { Session } from "./queries";

const here: Session = {
  id: "here",
  device: "Chrome on Windows",
  address: "192.0.2.10",
  createTime: "2026-11-22T12:00:00Z",
  lastSeenTime: "2026-11-22T12:30:00Z",
  authTime: "2026-11-22T12:00:00Z",
  expireTime: "2026-11-23T00:00:00Z",
  current: true,
};
const phone: Session = { ...here, id: "phone", device: "Safari on iPhone", address: "198.51.100.7", current: false };
const desk: Session = { ...here, id: "desk", device: "Edge on Windows", address: "203.0.113.4", current: false };

const base = {
  "GET /api/me": person("clinical_staff"),
  "GET /api/session": here,
  "GET /api/health": { ready: true, conditions: [] },
};

afterEach(() => vi.restoreAllMocks());

async function row(name: string): Promise<HTMLElement> {
  const found = (await screen.findByRole("rowheader", { name: new RegExp(name) })).closest("tr");
  if (!found) throw new Error(`${name} is in no row`);
  return found;
}

test("lists the sessions and marks this one", async () => {
  serve({ ...base, "GET /api/sessions": { sessions: [here, phone], nextPageToken: "" } });
  const { container } = await open("/sessions");
  const own = await row("Chrome on Windows");
  expect(within(own).getByText("This session")).toBeVisible();
  expect(within(own).getByRole("button", { name: "Sign out" })).toBeVisible();
  const other = await row("Safari on iPhone");
  expect(within(other).queryByText("This session")).toBeNull();
  expect(within(other).getByText("198.51.100.7")).toBeVisible();
  expect(within(other).getAllByText(/CST/).length).toBeGreaterThan(0);
  await expectAccessible(container);
});

test("ends one after asking, and lists anew", async () => {
  let sessions = [here, phone, desk];
  const calls = serve({
    ...base,
    "GET /api/sessions": () => ({ body: { sessions, nextPageToken: "" } }),
    "DELETE /api/sessions/phone": () => {
      sessions = [here, desk];
      return { body: {} };
    },
  });
  const { user } = await open("/sessions");
  await user.click(await screen.findByRole("button", { name: "End the session of Safari on iPhone" }));
  expect(screen.getByRole("dialog", { name: "End this session?" })).toHaveTextContent(
    "Safari on iPhone at 198.51.100.7",
  );
  expect(calls.some((c) => c.method === "DELETE")).toBe(false);
  await user.click(screen.getByRole("button", { name: "End session" }));
  expect(await screen.findByText("The session is ended")).toBeVisible();
  await waitFor(() => expect(screen.queryByText("Safari on iPhone")).toBeNull());
  expect(screen.getByText("Edge on Windows")).toBeVisible();
});

test("cancelling ends nothing", async () => {
  const calls = serve({ ...base, "GET /api/sessions": { sessions: [here, phone] } });
  const { user } = await open("/sessions");
  await user.click(await screen.findByRole("button", { name: /End the session of Safari/ }));
  await user.click(screen.getByRole("button", { name: "Cancel" }));
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(calls.some((c) => c.method === "DELETE")).toBe(false);
});

test("a session that ended meanwhile is no failure", async () => {
  serve({
    ...base,
    "GET /api/sessions": { sessions: [here, phone] },
    "DELETE /api/sessions/phone": () => refuse(404, "SESSION_NOT_FOUND", "you have no such session, or not any more"),
  });
  const { user } = await open("/sessions");
  await user.click(await screen.findByRole("button", { name: /End the session of Safari/ }));
  await user.click(screen.getByRole("button", { name: "End session" }));
  expect(await screen.findByText("The session had ended already")).toBeVisible();
});

test("ends all others", async () => {
  let sessions = [here, phone, desk];
  serve({
    ...base,
    "GET /api/sessions": () => ({ body: { sessions } }),
    "POST /api/sessions:endOthers": () => {
      sessions = [here];
      return { body: { ended: 2 } };
    },
  });
  const { user } = await open("/sessions");
  await screen.findByText("Safari on iPhone");
  await user.click(screen.getByRole("button", { name: "End all others" }));
  const dialog = screen.getByRole("dialog", { name: "End all other sessions?" });
  await user.click(within(dialog).getByRole("button", { name: "End all others" }));
  expect(await screen.findByText("2 sessions are ended")).toBeVisible();
  await waitFor(() => expect(screen.queryByText("Safari on iPhone")).toBeNull());
  expect(screen.getByRole("button", { name: "End all others" })).toBeDisabled();
});

test("signs out from the own row", async () => {
  const to = vi.spyOn(leave, "to").mockImplementation(() => undefined);
  serve({
    ...base,
    "GET /api/sessions": { sessions: [here] },
    "POST /auth/logout": { location: "/signed-out?reason=signed-out" },
  });
  const { user } = await open("/sessions");
  const own = await row("Chrome on Windows");
  await user.click(within(own).getByRole("button", { name: "Sign out" }));
  await waitFor(() => expect(to).toHaveBeenCalledWith("/signed-out?reason=signed-out"));
});

test("says what went wrong, with the request id", async () => {
  serve({
    ...base,
    "GET /api/sessions": () => refuse(503, "SESSIONS_UNAVAILABLE", "sessions cannot be looked up now; try again"),
  });
  await open("/sessions");
  expect(await screen.findByText(/Sessions cannot be looked up now; try again\./)).toBeVisible();
  expect(screen.getByText(/req-1/)).toBeVisible();
});

test("without a browser session it says so", async () => {
  serve({ ...base, "GET /api/sessions": { sessions: [] } });
  await open("/sessions");
  expect(await screen.findByText("No browser session")).toBeVisible();
  expect(screen.getByRole("button", { name: "End all others" })).toBeDisabled();
});
