import { act, screen, waitFor } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { session } from "@/api/session";
import { refuse, serve } from "@/test/api";
import { show } from "@/test/render";
import { lookEveryMs, SessionKeeper } from "./SessionKeeper";
import { StepUpDialog } from "./StepUpDialog";
import { requestStepUp, stepUpChannel } from "@/api/stepup";

const start = Date.parse("2026-11-22T12:00:00Z");
const at = (minutes: number) => new Date(start + minutes * 60_000).toISOString();

function answering(idleEndsIn: number) {
  return serve({
    "GET /api/session": () => ({
      body: { idleExpireTime: at(idleEndsIn), expireTime: at(720) },
      headers: { Date: new Date().toUTCString() },
    }),
    "POST /api/session:extend": () => ({
      body: { idleExpireTime: new Date(Date.now() + 15 * 60_000).toISOString(), expireTime: at(720) },
      headers: { Date: new Date().toUTCString() },
    }),
    "POST /auth/logout": { location: "/" },
  });
}

describe("the clock of the session", () => {
  beforeEach(() =>
    vi.useFakeTimers({ now: start, shouldAdvanceTime: true, toFake: ["Date", "setInterval", "clearInterval"] }),
  );
  afterEach(() => vi.useRealTimers());

  test("warns two minutes before the idle end, and one click extends", async () => {
    const calls = answering(15);
    const { user } = await show(<SessionKeeper />);
    await waitFor(() => expect(session.get().idleEnd).toBe(start + 15 * 60_000));
    await act(() => vi.advanceTimersByTimeAsync(12 * 60_000));
    expect(screen.queryByText("Are you still there?")).toBeNull();
    await act(() => vi.advanceTimersByTimeAsync(70_000));
    expect(await screen.findByText("Are you still there?")).toBeVisible();
    expect(screen.getByRole("timer")).toHaveTextContent(/^1:\d\d/);
    await user.click(screen.getByRole("button", { name: "Stay signed in" }));
    await waitFor(() => expect(screen.queryByText("Are you still there?")).toBeNull());
    expect(calls.filter((c) => c.path === "/api/session:extend")).toHaveLength(1);
  });

  test("ends when it is over and the gateway says so too", async () => {
    answering(15);
    await show(<SessionKeeper />);
    await waitFor(() => expect(session.get().idleEnd).toBeGreaterThan(0));
    serve({ "GET /api/session": refuse(401, "SESSION_IDLE") });
    await act(() => vi.advanceTimersByTimeAsync(15 * 60_000 + 2000));
    await waitFor(() => expect(session.get().ended).toBe("idle"));
  });

  test("hears within seconds that it was ended elsewhere, though nobody touches the page", async () => {
    answering(15);
    await show(<SessionKeeper />);
    await waitFor(() => expect(session.get().idleEnd).toBeGreaterThan(0));
    serve({ "GET /api/session": refuse(401, "SESSION_ENDED") });
    await act(() => vi.advanceTimersByTimeAsync(lookEveryMs + 1000));
    await waitFor(() => expect(session.get().ended).toBe("ended"));
  });

  test("watches nothing for a caller without a session", async () => {
    serve({ "GET /api/session": refuse(404, "SESSION_MISSING") });
    await show(<SessionKeeper />);
    await act(() => vi.advanceTimersByTimeAsync(20 * 60_000));
    expect(session.get()).toMatchObject({ ended: null, idleEnd: 0, end: 0 });
  });
});

describe("confirming the second factor", () => {
  test("opens the window from the click and goes on when it says so", async () => {
    const opened = vi.spyOn(window, "open").mockReturnValue(null);
    const { user } = await show(<StepUpDialog />);
    let confirmed: Promise<boolean> | undefined;
    act(() => {
      confirmed = requestStepUp();
    });
    await user.click(await screen.findByRole("button", { name: "Confirm with second factor" }));
    expect(opened).toHaveBeenCalledWith("/auth/step-up", "fleet-step-up", expect.stringContaining("popup"));
    new BroadcastChannel(stepUpChannel).postMessage({ type: "step-up-done" });
    await expect(confirmed).resolves.toBe(true);
    await waitFor(() => expect(screen.queryByText("Confirm that it is you")).toBeNull());
  });

  test("says when it failed, and can be given up", async () => {
    vi.spyOn(window, "open").mockReturnValue(null);
    const { user } = await show(<StepUpDialog />);
    let confirmed: Promise<boolean> | undefined;
    act(() => {
      confirmed = requestStepUp();
    });
    await screen.findByText("Confirm that it is you");
    new BroadcastChannel(stepUpChannel).postMessage({ type: "step-up-failed" });
    expect(await screen.findByText(/was not confirmed/)).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Cancel" }));
    await expect(confirmed).resolves.toBe(false);
  });
});
