import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";

import { pages, titleOf } from "../pages.ts";
import { settled } from "../support/settled.ts";
import { expect, test } from "../support/test.ts";

const out = resolve(import.meta.dirname, "../../../../.run/screenshots");
const widths = [360, 1280, 2560];

for (const entry of pages) {
  test(`screenshots of ${titleOf(entry)}`, async ({ as }) => {
    test.setTimeout(180_000); // six full pages on a busy machine
    mkdirSync(out, { recursive: true });
    const { page } = await as(entry.login);
    const address = (await entry.address?.(page)) ?? entry.route;
    await page.goto(address);
    await settled(page, entry.heading);
    // Once more from the cache: fonts that come late are not used for what is painted first.
    await page.reload();
    await settled(page, entry.heading);
    const name = titleOf(entry).replace(/[^a-zA-Z0-9]+/g, "-").replace(/^-|-$/g, "");
    for (const width of widths) {
      await page.setViewportSize({ width, height: width === 360 ? 780 : Math.round(width * 0.5625) });
      for (const colorScheme of ["dark", "light"] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
        await expect(page.locator("html")).toHaveAttribute("data-theme", colorScheme);
        await page.waitForTimeout(250); // charts are drawn anew for the width
        // Colours on their way from one theme to the other are neither.
        await page.screenshot({ path: join(out, `${name}-${width}-${colorScheme}.png`), fullPage: width !== 2560, animations: "disabled" });
      }
    }
  });
}
