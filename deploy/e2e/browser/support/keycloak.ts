import type { Page } from "@playwright/test";

import { fleet } from "./fleet.ts";

/** Keycloak's own pages of signing in. Their texts are a theme's, so that fields are found by what Keycloak calls them. */
export class KeycloakPages {
  constructor(private readonly page: Page) {}

  /** Goes to the portal, which sends whoever is not signed in here. */
  async open(path = "/"): Promise<void> {
    await this.page.goto(`/auth/login?return=${encodeURIComponent(path)}`);
    await this.page.locator("#username").waitFor();
  }

  async enterPassword(username: string, password = fleet.password): Promise<void> {
    await this.page.locator("#username").fill(username);
    await this.page.locator("#password").fill(password);
    await this.page.locator("#kc-login").click();
  }

  /** Keycloak knows who is there and asks for the rest. */
  async enterPasswordAgain(password = fleet.password): Promise<void> {
    await this.page.locator("#password").fill(password);
    await this.page.locator("#kc-login").click();
  }

  async enterCode(code: string): Promise<void> {
    await this.page.locator("#otp").fill(code);
    await this.page.locator("#kc-login").click();
  }

  /** Shows the key of a new authenticator as text, for who cannot scan it. */
  async enrolmentKey(): Promise<string> {
    await this.page.locator("#mode-manual").click();
    return (await this.page.locator("#kc-totp-secret-key").innerText()).replaceAll(" ", "");
  }

  async finishEnrolment(code: string): Promise<void> {
    await this.page.locator("#totp").fill(code);
    await this.page.locator("#saveTOTPBtn").click();
  }

  async back(): Promise<void> {
    await this.page.waitForURL((url) => url.origin === fleet.gateway && !url.pathname.startsWith("/auth/"));
  }
}
