import { test as base, type Browser, type BrowserContextOptions, type Page } from "@playwright/test";

import { sharedSession } from "./signin.ts";
import { Watch } from "./watch.ts";

export { expect } from "@playwright/test";

/** A page of a person who is signed in, with what the browser notices of it. */
export interface Person {
  readonly page: Page;
  readonly watch: Watch;
}

interface Fixtures {
  /** A new context of a signed-in demo user; what the browser noticed is checked when the test ends. */
  as: (login: string, options?: BrowserContextOptions) => Promise<Person>;
  /** The same for somebody who is not signed in. */
  nobody: (options?: BrowserContextOptions) => Promise<Person>;
}

export const test = base.extend<Fixtures>({
  as: async ({ browser, contextOptions }, use) => {
    await withPeople((login: string, options?: BrowserContextOptions) => sharedSession(browser, login, { ...contextOptions, ...options }), use);
  },
  nobody: async ({ browser, contextOptions }, use) => {
    await withPeople((options?: BrowserContextOptions) => browser.newContext({ ...contextOptions, ...options }), use);
  },
});

async function withPeople<A extends unknown[]>(
  open: (...args: A) => ReturnType<Browser["newContext"]>,
  use: (give: (...args: A) => Promise<Person>) => Promise<void>,
): Promise<void> {
  const people: Person[] = [];
  await use(async (...args) => {
    const context = await open(...args);
    const watch = await Watch.over(context);
    const person = { page: await context.newPage(), watch };
    people.push(person);
    return person;
  });
  for (const { page, watch } of people) {
    await watch.expectClean();
    await page.context().close();
  }
}
