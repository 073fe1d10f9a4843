import { expect, type Page } from "@playwright/test";
import axe from "axe-core";

/** WCAG 2.2 AA and what axe counts as good practice. */
const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/**
 * Fails with every violation that axe finds, each with the elements. The source comes in by the debugger, which no content
 * security policy stops, so that pages are judged with theirs in force.
 */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source);
  await still(page);
  const found = await page.evaluate(async (runOnly) => {
    const { violations } = await (window as unknown as { axe: typeof axe }).axe.run(document, { runOnly, resultTypes: ["violations"] });
    return violations.flatMap((v) => v.nodes.map((n) => `${v.id}: ${v.help}\n  ${n.html.slice(0, 300)}\n  ${n.failureSummary ?? ""}`));
  }, tags);
  expect.soft(found, "accessibility violations").toEqual([]);
}

/** Waits until colours stand: between two themes a text has for a moment the colour of one and the ground of the other. */
async function still(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const frame = () => new Promise((done) => requestAnimationFrame(done));
    const moving = () => document.getAnimations().some((a) => a.playState === "running" && a.effect?.getTiming().iterations !== Infinity);
    await frame();
    for (let i = 0; i < 120 && moving(); i++) await frame();
    await frame();
  });
}
