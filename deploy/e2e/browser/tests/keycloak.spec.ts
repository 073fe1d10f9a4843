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

test("a session goes on when its access token ends", async ({ page }) => {
  await signIn(page, stays);
  expect((await me(page)).status).toBe(200);
  // Tokens of this run live a little longer than the minute before their end in which they are replaced.
  const replaced = Date.now() + 15_000;
  while (Date.now() < replaced) {
    expect((await me(page)).status).toBe(200);
    await page.waitForTimeout(1_000);
  }
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
