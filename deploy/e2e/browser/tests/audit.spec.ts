import type { Page } from "@playwright/test";

import { must } from "../support/api.ts";
import { settled } from "../support/settled.ts";
import { expect, test } from "../support/test.ts";
import { fill } from "../support/workspaces.ts";

/** Hands an answer of the API on as somebody between the log and the browser would: with a change in it. */
async function tamper(page: Page, url: string, change: (body: any) => void): Promise<void> {
  await page.route(url, async (route) => {
    const response = await route.fetch();
    const json = await response.json();
    change(json);
    await route.fulfill({ response, json });
  });
}

const proof = (page: Page) => page.getByRole("region", { name: "Proof" }).or(page.locator("section", { hasText: "Proof" })).last();

test("an entry is proven by the browser, and is not when the entry, its path or the checkpoint was changed on the way", async ({ as }) => {
  const { page } = await as("lakeshore-compliance");
  await page.goto("/account");
  const { events } = await must(page, "GET", "/api/audit/events?pageSize=1");
  const address = `/audit/events/${events[0].id}`;
  const opened = async () => {
    await page.goto(address);
    await settled(page, /\w/);
  };

  await opened();
  await expect(proof(page).getByText("This entry is proven")).toBeVisible();

  const refused = async (url: string, change: (body: any) => void, step: RegExp) => {
    await tamper(page, url, change);
    await opened();
    await expect(proof(page).getByText("This entry is not proven")).toBeVisible();
    await expect(proof(page).getByText(step)).toBeVisible();
    await page.unrouteAll();
  };
  await refused(`**/api${address}`, (event) => (event.actor = "00000000-0000-0000-0000-000000000000"), /step does not hold.*entry shown is the evidence/i);
  await refused(`**/api${address}/proof*`, (answer) => answer.path.reverse(), /step does not hold.*log holds it at this place/i);
  await refused(
    `**/api${address}/proof*`,
    // The last letters of the note are those of the signature.
    (answer) => (answer.checkpoint = answer.checkpoint.replace(/.{8}=\n$/, "AAAAAAAA=\n")),
    /step does not hold.*signed/i,
  );
});

test("the log of a workspace names each entry that was changed on the way", async ({ as }) => {
  const { page } = await as("lakeshore-compliance");
  await fill(page, "dea");
  await page.goto("/dea/audit-log");
  await settled(page, "Audit log");
  await expect(page.getByText(/^Verified in this browser/)).toBeVisible();

  await tamper(page, "**/api/dea/audit-log*", ({ events: [, second] }) => {
    second.event.outcome = second.event.outcome === "OUTCOME_DENIED" ? "OUTCOME_SUCCESS" : "OUTCOME_DENIED";
  });
  await page.reload();
  await settled(page, "Audit log");
  await expect(page.getByText(/^1 of \d+ entries could not be verified/)).toBeVisible();
  const rows = page.getByRole("table", { name: "Audit log" }).locator("tbody tr");
  await expect(rows.nth(0)).toContainText("Verified");
  await expect(rows.nth(1)).toContainText("Not verified");
});

test("a checkpoint that the log did not sign is said to be none", async ({ as }) => {
  const { page } = await as("lakeshore-compliance");
  await tamper(page, "**/api/audit/checkpoint", (checkpoint) => (checkpoint.treeSize = String(Number(checkpoint.treeSize) + 5)));
  await page.goto("/audit");
  await settled(page, "Audit");
  await expect(page.getByText("Checkpoint not proven")).toBeVisible();
  await expect(page.getByText(/Do not rely on/)).toBeVisible();
});
