import type { Page } from "@playwright/test";

import { fleet } from "../support/fleet.ts";
import { signInAs } from "../support/signin.ts";
import { expect, test } from "../support/test.ts";
import { freshCode } from "../support/totp.ts";

/** What the portal hears of a second factor that was asked for in another window. */
async function heard(portal: Page): Promise<() => Promise<{ type: string; reason?: string }[]>> {
  await portal.evaluate(() => {
    const all: unknown[] = [];
    (window as unknown as { heard: unknown[] }).heard = all;
    new BroadcastChannel("fleet-auth").addEventListener("message", (e) => all.push(e.data));
  });
  return () => portal.evaluate(() => (window as unknown as { heard: { type: string; reason?: string }[] }).heard);
}

/** The window that the portal opens, with both factors entered. */
async function confirmAs(portal: Page, login: string): Promise<void> {
  const [window] = await Promise.all([
    portal.context().waitForEvent("page"),
    portal.evaluate(() => void open("/auth/step-up", "fleet-step-up", "popup,width=480,height=720")),
  ]);
  await expect(window.getByRole("heading", { name: "Sign in" }), "the password is asked for, too").toBeVisible();
  await window.getByLabel("Username").fill(login);
  await window.getByLabel("Password").fill(fleet.password);
  await window.getByRole("button", { name: "Continue" }).click();
  await window.getByLabel("One-time code").fill(await freshCode(login));
  const closed = window.waitForEvent("close");
  await window.getByRole("button", { name: "Sign in", exact: true }).click();
  await closed;
}

const session = (page: Page) => page.evaluate(async () => (await fetch("/api/session")).status);

test("the second factor is confirmed anew in a window, and the session goes on", async ({ nobody }) => {
  const { page } = await nobody();
  await signInAs(page, "highplains-compliance");
  const cookie = async () => (await page.context().cookies()).find((c) => c.name === "__Host-fleet-session")?.value;
  const [before, messages] = [await cookie(), await heard(page)];
  await confirmAs(page, "highplains-compliance");
  await expect.poll(messages).toEqual([{ type: "step-up-done" }]);
  expect(await cookie()).toBe(before);
  expect(await session(page)).toBe(200);
});

test("somebody else's second factor ends the session", async ({ nobody }) => {
  const { page } = await nobody();
  await signInAs(page, "highplains-substances");
  const messages = await heard(page);
  await confirmAs(page, "highplains-billing");
  await expect.poll(messages).toEqual([{ type: "step-up-failed", reason: expect.any(String) }]);
  expect(await session(page)).toBe(401);
});
