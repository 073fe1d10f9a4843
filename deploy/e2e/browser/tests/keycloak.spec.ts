import { expect, test, type Page } from "@playwright/test";

import { fleet } from "../support/fleet.ts";
import { KeycloakPages } from "../support/keycloak.ts";
import { freshCode, totpCode } from "../support/totp.ts";

/** Nobody else signs in as these while the tests run. What is left of their sessions is counted at Keycloak afterwards. */
const signsOut = "highplains-medic2";
const stays = "lakeshore-medic2";
const enrols = "highplains-newcomer";

async function me(page: Page): Promise<{ status: number; roles: string[] }> {
  const response = await page.context().request.get(`${fleet.gateway}/api/me`);
  return { status: response.status(), roles: response.ok() ? (((await response.json()) as { roles: string[] }).roles) : [] };
}

async function signIn(page: Page, login: string, path = "/"): Promise<void> {
  const keycloak = new KeycloakPages(page);
  await keycloak.open(path);
  await keycloak.enterPassword(login);
  await keycloak.enterCode(await freshCode(login));
  await keycloak.back();
}

/** Works until a token has been replaced: in this run they live a little longer than the minute before their end in which they are. */
async function goesOn(page: Page): Promise<void> {
  const replaced = Date.now() + 10_000;
  while (Date.now() < replaced) {
    expect((await me(page)).status).toBe(200);
    await page.waitForTimeout(1_000);
  }
}

/** What the portal does before a step that wants the second factor: it asks in another window, and hears of the outcome. */
async function confirmAnew(page: Page, login: string): Promise<void> {
  const messages = await page.evaluateHandle(() => {
    const all: unknown[] = [];
    new BroadcastChannel("fleet-auth").addEventListener("message", (e) => all.push(e.data));
    return all;
  });
  const [window] = await Promise.all([
    page.context().waitForEvent("page"),
    page.evaluate(() => void open("/auth/step-up", "fleet-step-up", "popup,width=480,height=720")),
  ]);
  const keycloak = new KeycloakPages(window);
  await keycloak.enterPasswordAgain();
  const closed = window.waitForEvent("close");
  await keycloak.enterCode(await freshCode(login));
  await closed;
  await expect.poll(() => messages.jsonValue()).toEqual([{ type: "step-up-done" }]);
}

test("a person signs in with both factors, and signing out ends it here and there", async ({ page }) => {
  await signIn(page, signsOut, "/account");
  await expect(page.getByRole("heading", { name: "My account" })).toBeVisible();
  expect(await me(page)).toEqual({ status: 200, roles: ["clinical_staff"] });
  for (const cookie of await page.context().cookies(fleet.gateway)) expect(cookie.name).toMatch(/^__Host-/);

  await page.getByRole("button", { name: /^Your account/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "You are signed out" })).toBeVisible();
  expect((await me(page)).status).toBe(401);
  // Keycloak asks anew, and for the name: it does not remember who was there.
  await new KeycloakPages(page).open();
  await expect(page.locator("#username")).toHaveValue("");
});

test("a session goes on when its access token ends, and when the second factor is confirmed anew", async ({ page }) => {
  await signIn(page, stays);
  expect((await me(page)).status).toBe(200);
  await goesOn(page);
  await confirmAnew(page, stays);
  await goesOn(page);
});

test("a wrong code is refused, and a newcomer enrols an authenticator", async ({ page }) => {
  const keycloak = new KeycloakPages(page);
  await keycloak.open();
  await keycloak.enterPassword(enrols);
  const key = await keycloak.enrolmentKey();
  await keycloak.finishEnrolment("000000");
  await expect(page.locator("#input-error-otp-code, #input-error-totp").first()).toBeVisible();
  await keycloak.finishEnrolment(totpCode(key, Math.floor(Date.now() / 30_000)));
  await keycloak.back();
  expect(await me(page)).toEqual({ status: 200, roles: ["clinical_staff"] });
});
