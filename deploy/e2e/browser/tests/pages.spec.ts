import type { Page } from "@playwright/test";

import { pages, titleOf, withoutPage } from "../pages.ts";
import { expectAccessible } from "../support/axe.ts";
import { settled } from "../support/settled.ts";
import { expect, test } from "../support/test.ts";

/** How much content may jump while a page loads: what Web Vitals count as good. */
const mostShift = 0.1;

for (const entry of pages) {
  test(`${titleOf(entry)} is accessible in both themes, steady and narrow`, async ({ as }) => {
    const { page } = await as(entry.login);
    const address = (await entry.address?.(page)) ?? entry.route;
    await watchShifts(page);
    await page.goto(address);
    await settled(page, entry.heading);
    expect.soft(await shiftOf(page), "layout shift while loading").toBeLessThan(mostShift);
    await expectAccessible(page);

    await page.emulateMedia({ colorScheme: "light" });
    await expect(page.locator("html")).toHaveAttribute("data-theme", "light");
    await expectAccessible(page);

    await page.setViewportSize({ width: 360, height: 780 });
    await expectNoOverflow(page);
  });
}

async function watchShifts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const total = { value: 0 };
    (window as unknown as { __shift: typeof total }).__shift = total;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as { value: number; hadRecentInput: boolean }[]) {
        if (!entry.hadRecentInput) total.value += entry.value;
      }
    }).observe({ type: "layout-shift", buffered: true });
  });
}

const shiftOf = (page: Page) => page.evaluate(() => (window as unknown as { __shift: { value: number } }).__shift.value);

/** At 360 px nothing but what scrolls by itself is wider than the window. */
async function expectNoOverflow(page: Page): Promise<void> {
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  await expect.poll(wide, { message: "px wider than a window of 360" }).toBeLessThanOrEqual(0);
  // Rows that have become blocks have nothing to scroll to: what does not fit there is cut off.
  const cut = () =>
    page.evaluate(() =>
      [...document.querySelectorAll<HTMLTableElement>("table.stacked")]
        .filter((table) => table.checkVisibility() && table.scrollWidth > table.clientWidth)
        .map((table) => table.caption?.textContent ?? "table"),
    );
  await expect.poll(cut, { message: "tables of blocks that are wider than their place" }).toEqual([]);
}

test("the list of pages names every route of the portal", async ({ as }) => {
  const { page } = await as("lakeshore-qa");
  await page.goto("/account");
  await settled(page, "My account");
  const routes = await page.evaluate(() => {
    const { routesByPath } = (window as unknown as { __TSR_ROUTER__: { routesByPath: Record<string, unknown> } }).__TSR_ROUTER__;
    return Object.keys(routesByPath);
  });
  expect(routes.length).toBeGreaterThan(10);
  const listed = new Set([...pages.map((p) => p.route), ...withoutPage]);
  expect(routes.filter((route) => !listed.has(route)), "routes without an entry in pages.ts").toEqual([]);
  expect([...listed].filter((route) => !routes.includes(route)), "entries of pages.ts without a route").toEqual([]);
});
