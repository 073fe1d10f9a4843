import { execFileSync } from "node:child_process";
import { join } from "node:path";

import type { Page } from "@playwright/test";

import { expectAccessible } from "../support/axe.ts";
import { fleet } from "../support/fleet.ts";
import { expect, test } from "../support/test.ts";
import { freshCode } from "../support/totp.ts";

/** Whoever these tests lock out or enrol signs in nowhere else. */
const enrols = "lakeshore-newcomer";
const fails = "highplains-newcomer";

async function openSignIn(page: Page, path = "/"): Promise<void> {
  await page.goto(`/auth/login?return=${encodeURIComponent(path)}`);
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
}

async function enterPassword(page: Page, username: string, password = fleet.password): Promise<void> {
  await page.getByLabel("Username").fill(username);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Continue" }).click();
}

async function enterCode(page: Page, code: string): Promise<void> {
  await page.getByLabel("One-time code").fill(code);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
}

const onPortal = (url: URL) => url.origin === fleet.gateway && !url.pathname.startsWith("/auth/");

function unlock(username: string): string {
  return execFileSync(join(fleet.dir, "bin/fleet"), ["-dir", fleet.dir, "unlock", username], { encoding: "utf8" });
}

test("a person signs in with a password and the second factor", async ({ nobody }) => {
  const { page, watch } = await nobody();
  await openSignIn(page, "/");
  await enterPassword(page, "lakeshore-peer");
  await expect(page.getByRole("heading", { name: "Confirm it is you" })).toBeVisible();
  await enterCode(page, await freshCode("lakeshore-peer"));
  await page.waitForURL(onPortal);

  const me = await (await page.context().request.get(`${fleet.gateway}/api/me`)).json();
  expect(me.roles).toContain("peer_reviewer");
  for (const cookie of await page.context().cookies()) {
    expect(cookie.secure, cookie.name).toBe(true);
    expect(cookie.httpOnly, cookie.name).toBe(cookie.name !== "__Host-fleet-csrf");
    expect(cookie.sameSite, cookie.name).toBe(cookie.name === "__Host-fleet-csrf" ? "Strict" : "Lax");
    expect(cookie.name).toMatch(/^__Host-/);
  }
  for (const url of watch.urls) expect(url).not.toContain("lakeshore-peer");
});

test("the demo authenticator shows a code that is good once", async ({ nobody }) => {
  // Codes that a page fills in are not among those that freshCode keeps account of, so nothing else signs in as this one.
  const first = await nobody();
  await openSignIn(first.page);
  await enterPassword(first.page, "highplains-medic2");
  const panel = first.page.getByRole("region", { name: "Demo authenticator" });
  await expect(panel).toContainText(/Seconds left: \d+/);
  await panel.getByRole("button", { name: "Fill in" }).click();
  const code = await first.page.getByLabel("One-time code").inputValue();
  expect(code).toMatch(/^\d{6}$/);
  await first.page.getByRole("button", { name: "Sign in", exact: true }).click();
  await first.page.waitForURL(onPortal);

  const second = await nobody();
  await openSignIn(second.page);
  await enterPassword(second.page, "highplains-medic2");
  await enterCode(second.page, code);
  await expect(second.page.getByRole("alert")).toContainText("This code was used already");
});

test("a wrong code is told, and the right one lets in", async ({ nobody }) => {
  const { page } = await nobody();
  await openSignIn(page);
  await enterPassword(page, "highplains-director");
  await enterCode(page, "not one");
  const alert = page.getByRole("alert");
  await expect(alert).toContainText("The code is wrong");
  await expect(alert).toBeFocused();
  await expect(page).toHaveTitle(/^Error: /);
  await enterCode(page, await freshCode("highplains-director"));
  await page.waitForURL(onPortal);
});

test("five failures lock a name, known or not, until an administrator unlocks it", async ({ nobody }) => {
  unlock(fails);
  const { page } = await nobody();
  await openSignIn(page);
  for (const name of [fails, `nobody-${Date.now()}`]) {
    for (let i = 1; i <= 5; i++) {
      await enterPassword(page, name, `wrong ${i}`);
      await expect(page.getByRole("alert")).toContainText(i < 5 ? "The username or the password is wrong" : "Too many attempts");
    }
    await enterPassword(page, name);
    await expect(page.getByRole("alert"), "the right password").toContainText("Too many attempts");
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  }
  expect(unlock(fails)).toContain("can sign in again");
  await enterPassword(page, fails);
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeHidden();
});

test("a newcomer enrols an authenticator and is asked for it from then on", async ({ nobody }) => {
  const { page } = await nobody();
  await openSignIn(page);
  await enterPassword(page, enrols);
  const enrolment = page.getByRole("heading", { name: "Set up your authenticator" });
  await expect(page.getByRole("heading", { level: 1 })).not.toHaveText("Sign in");
  test.skip(!(await enrolment.isVisible()), `${enrols} enrolled in a run before against this fleet; a new fleet has one who did not`);

  await expect(page.getByRole("img", { name: /QR code/ })).toBeVisible();
  await expect(page.locator("#setup-key")).toHaveText(/^[A-Z2-7]{4}( [A-Z2-7]{4}){7}$/);
  await expectAccessible(page);
  await page.getByRole("textbox", { name: "One-time code" }).fill("000000");
  await page.getByRole("button", { name: "Finish and sign in" }).click();
  await expect(page.getByRole("alert")).toContainText("does not fit this key");
  await page.getByRole("button", { name: "Fill in" }).click();
  await page.getByRole("button", { name: "Finish and sign in" }).click();
  await page.waitForURL(onPortal);

  const again = await nobody();
  await openSignIn(again.page);
  await enterPassword(again.page, enrols);
  await expect(again.page.getByRole("heading", { name: "Confirm it is you" })).toBeVisible();
});

test("after signing out neither the back button nor the address shows anything", async ({ nobody }) => {
  const { page } = await nobody();
  await openSignIn(page);
  await enterPassword(page, "lakeshore-billing-ops");
  await enterCode(page, await freshCode("lakeshore-billing-ops"));
  await page.waitForURL(onPortal);
  await page.getByRole("button", { name: /^Your account/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "You are signed out" })).toBeVisible();

  expect((await page.context().cookies()).map((c) => c.name)).not.toContain("__Host-fleet-session");
  // Asked beside the page, which is still on its way through the provider's sign-out.
  expect((await page.context().request.get(`${fleet.gateway}/api/me`)).status()).toBe(401);
  await page.goBack();
  await expect(page.getByRole("heading", { name: /^(Sign in|You are signed out)/ })).toBeVisible();
  await expect(page.getByRole("button", { name: /^Your account/ })).toBeHidden();
  // Wherever a page leads from here, it asks who is there.
  await page.goto("/");
  await expect(page.getByRole("button", { name: /^Your account/ })).toBeHidden();
  // The page may be on its way there itself, which ends the navigation of the test.
  await expect(() => openSignIn(page)).toPass();
});

test("going back to the page of the code after signing in does no harm", async ({ nobody }) => {
  const { page } = await nobody();
  await openSignIn(page);
  await enterPassword(page, "highplains-billing-ops");
  const address = page.url();
  await enterCode(page, await freshCode("highplains-billing-ops"));
  await page.waitForURL(onPortal);
  await page.goto(address);
  await expect(page.getByRole("heading", { name: "This sign-in is finished" })).toBeVisible();
  await expect(page.getByRole("link", { name: "Continue to FusionEMS Quantum" })).toHaveAttribute("href", `${fleet.gateway}/auth/login`);
  expect(await page.context().request.get(`${fleet.gateway}/api/me`).then((r) => r.status())).toBe(200);
});

test("a sign-in of another browser cannot be taken over, and the page says how to go on", async ({ nobody }) => {
  const [one, two] = [await nobody(), await nobody()];
  await openSignIn(one.page);
  await two.page.goto(one.page.url());
  await expect(two.page.getByRole("heading", { name: "This sign-in has expired" })).toBeVisible();
  await two.page.getByRole("link", { name: "Start again" }).click();
  await expect(two.page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("the pages of signing in work without a script", async ({ nobody }) => {
  const { page } = await nobody({ javaScriptEnabled: false });
  await openSignIn(page);
  await enterPassword(page, "highplains-supervisor");
  await enterCode(page, await freshCode("highplains-supervisor"));
  await page.waitForURL(onPortal);
});

for (const colorScheme of ["dark", "light"] as const) {
  for (const width of [360, 1280]) {
    test(`the pages of signing in are accessible, ${colorScheme}, ${width} px`, async ({ nobody }) => {
      const { page } = await nobody({ colorScheme, viewport: { width, height: 800 } });
      await openSignIn(page);
      await fits(page);
      await page.getByRole("button", { name: "Continue" }).click();
      await expect(page.getByRole("alert")).toContainText("Enter your username");
      await fits(page);
      await enterPassword(page, "lakeshore-supervisor");
      await expect(page.getByRole("heading", { name: "Confirm it is you" })).toBeVisible();
      await fits(page);
      await page.goto(`${fleet.issuer}/login-actions/authenticate?client_id=fusionems-portal&tab_id=x`);
      await fits(page);
      await page.goto(`${fleet.issuer}/protocol/openid-connect/logout`);
      await fits(page);
    });
  }
}

/** Accessible, and nothing to scroll sideways for. */
async function fits(page: Page): Promise<void> {
  await expectAccessible(page);
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), "no sideways scrolling").toBe(true);
}
