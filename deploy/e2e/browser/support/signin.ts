import type { Browser, BrowserContext, BrowserContextOptions, Page } from "@playwright/test";
import { mkdirSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { fleet } from "./fleet.ts";
import { freshCode } from "./totp.ts";

const sessions = join(fleet.dir, "browser", "sessions");

/** Signs in as a person does: the provider's page, the password, the second factor. Ends on the path. */
export async function signInAs(page: Page, login: string, path = "/"): Promise<void> {
  await page.goto(`/auth/login?return=${encodeURIComponent(path)}`);
  await page.getByLabel("Username").fill(login);
  await page.getByLabel("Password").fill(fleet.password);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByLabel("One-time code").fill(await freshCode(login));
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => url.origin === fleet.gateway && !url.pathname.startsWith("/auth/"));
}

/** Holds a lock that the other worker sees, for as long as the work takes. */
async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  const lock = join(sessions, `${name}.lock`);
  for (;;) {
    try {
      mkdirSync(lock);
      break;
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code !== "EEXIST") throw e;
      await sleep(50);
    }
  }
  try {
    return await work();
  } finally {
    rmdirSync(lock);
  }
}

/** A session is shared for so long: within the idle time, and with a second factor that still lets its owner edit. */
const shared = 8 * 60_000;

/**
 * A context that is signed in. The tests of a run share each user's session while it is fresh; a test that ends one signs in for
 * itself with signInAs.
 */
export async function sharedSession(browser: Browser, login: string, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  const state = join(sessions, `${login}.json`);
  await alone(login, async () => {
    const since = statSync(state, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - since < shared) return;
    const context = await browser.newContext(options);
    try {
      const page = await context.newPage();
      await signInAs(page, login);
      await context.storageState({ path: state });
    } finally {
      await context.close();
    }
  });
  return browser.newContext({ ...options, storageState: state });
}
