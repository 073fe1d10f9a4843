import type { Page } from "@playwright/test";

import { must } from "../support/api.ts";
import { settled } from "../support/settled.ts";
import { expect, test } from "../support/test.ts";
import { acknowledge, deaNumber, isoDay } from "../support/workspaces.ts";

const officer = "highplains-compliance";

/** Six digits that no other run on this fleet has used. */
const digits = () => String(Date.now() % 1_000_000).padStart(6, "0");

async function enter(page: Page, name: string, number: string): Promise<void> {
  await page.goto("/dea/records/new");
  await settled(page, "New registration");
  await page.getByLabel("Registrant").fill(name);
  await page.getByLabel("DEA number").fill(number);
  await page.getByLabel("State of the registered location").selectOption("CO");
  await page.getByLabel("Stationhouse or location").fill("Station 7");
  await page.getByRole("checkbox", { name: "II", exact: true }).check();
  await page.getByRole("checkbox", { name: "IV", exact: true }).check();
  await page.getByLabel("Issued").fill(isoDay(-1070));
  await page.getByLabel("Expires").fill(isoDay(25));
}

test("nobody comes in before the notice, which stands word for word", async ({ as }) => {
  const { page, watch } = await as("highplains-substances");
  await page.goto("/account");
  const notice = await must(page, "GET", "/api/dea/notice");
  test.skip(notice.acknowledged, "acknowledged by an earlier run on this fleet");
  await page.goto("/dea/notes");
  await settled(page, "Compliance notice");
  expect(await page.locator("[data-notice-version]").textContent()).toBe(notice.text);
  expect([...watch.urls].filter((url) => url.includes("/api/dea/compliance-note"))).toEqual([]);
  await page.getByRole("button", { name: "I have read and acknowledge this notice" }).click();
  await settled(page, "Notes");
  expect((await must(page, "GET", "/api/dea/notice")).acknowledged).toBe(true);
});

test("a DEA record lives from its creation through an alert to its renewal", async ({ as }) => {
  const { page } = await as(officer);
  await acknowledge(page, "dea");

  const name = `High Plains EMS ${digits()}`;
  const number = deaNumber("FH", digits());
  await test.step("a wrong number is told while it is typed", async () => {
    const wrong = number.slice(0, 8) + String((Number(number.at(-1)) + 1) % 10);
    await enter(page, name, wrong);
    await page.getByLabel("DEA number").blur();
    await expect(page.getByText("The last digit does not follow")).toBeVisible();
    await page.getByLabel("DEA number").fill(number);
    await expect(page.getByText("The last digit does not follow")).toHaveCount(0);
  });

  await test.step("it is saved and expiring", async () => {
    await page.getByRole("button", { name: "Save registration" }).click();
    await settled(page, name);
    await expect(page.getByText("Expiring", { exact: true })).toBeVisible();
    await expect(page.getByText(/nobody has looked this record up/)).toBeVisible();
  });

  await test.step("a credential is refused, a note is kept", async () => {
    await page.getByRole("textbox", { name: "New note" }).fill("login for the portal, password: Hunter2-Hunter2!");
    await page.getByRole("button", { name: "Add note" }).click();
    await expect(page.getByRole("alert").or(page.locator("[id$=-error]"))).toBeVisible();
    await page.getByRole("textbox", { name: "New note" }).fill("Renewal was prepared with the state board.");
    await page.getByRole("button", { name: "Add note" }).click();
    await expect(page.getByText("Renewal was prepared with the state board.").last()).toBeVisible();
  });

  await test.step("its date raises an alert, which is acknowledged and put off", async () => {
    await page.getByRole("navigation", { name: "DEA workspace" }).getByRole("link", { name: "Alerts" }).click();
    await settled(page, "Alerts");
    const row = page.getByRole("listitem").filter({ hasText: name });
    await expect(row.getByText("Open", { exact: true })).toBeVisible();
    await row.getByRole("button", { name: "Acknowledge" }).click();
    await expect(row.getByText("Acknowledged", { exact: true })).toBeVisible();
    await row.getByRole("button", { name: "Snooze" }).click();
    const dialog = page.getByRole("dialog", { name: "Snooze alert" });
    await dialog.getByLabel("Rest until").fill(isoDay(5));
    await dialog.getByRole("textbox", { name: "Reason" }).fill("Waiting for the inspector's letter");
    await dialog.getByRole("button", { name: "Snooze alert" }).click();
    await expect(row.getByText("Snoozed", { exact: true })).toBeVisible();
    await expect(row.getByText(/Waiting for the inspector's letter/)).toBeVisible();
    await row.getByRole("link", { name: "Enter new date" }).click();
  });

  await test.step("the renewal resolves it", async () => {
    await settled(page, "Change registration");
    await expect(page.getByLabel("Expires")).toBeFocused();
    await page.getByLabel("Issued").fill(isoDay(-1));
    await page.getByLabel("Expires").fill(isoDay(1094));
    await page.getByLabel("Last looked up").fill(isoDay(0));
    await page.getByLabel("Where", { exact: false }).last().selectOption({ label: "The certificate itself" });
    await page.getByRole("button", { name: "Save changes" }).click();
    await settled(page, name);
    await expect(page.getByText("Active", { exact: true })).toBeVisible();
    await expect(page.getByText("Resolved", { exact: true })).toBeVisible();
    await expect(page.getByText(/things? to look at/)).toHaveCount(0);
  });

  await test.step("the log holds all of it, verified in the browser", async () => {
    await page.getByRole("navigation", { name: "DEA workspace" }).getByRole("link", { name: "Audit log" }).click();
    await settled(page, "Audit log");
    await expect(page.getByText(/^Verified in this browser: (\d+) of \1 entries$/)).toBeVisible();
    // Entries arrive a moment after what they tell of, and newer ones push them off the first page: each is looked for by its method.
    const log = new URL(page.url()).pathname;
    for (const [method, action, outcome] of [
      ["CreateDeaMetadata", "Create DEA record", "Done"],
      ["UpdateDeaMetadata", "Change DEA record", "Done"],
      ["SnoozeDeaAlert", "Snooze DEA alert", "Done"],
      ["CreateDeaNote", "Create DEA note", "Done"],
      ["CreateDeaNote", "Create DEA note", /Refused|Failed/],
    ] as const) {
      await expect(async () => {
        await page.goto(`${log}?method=${method}`);
        await settled(page, "Audit log");
        await expect(page.getByRole("row").filter({ hasText: action }).filter({ hasText: outcome }).first()).toBeVisible({ timeout: 5_000 });
      }).toPass({ intervals: [1_000], timeout: 60_000 });
    }
  });

  await test.step("the archive of all records is saved", async () => {
    await page.getByRole("navigation", { name: "DEA workspace" }).getByRole("link", { name: "Registrations" }).click();
    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Export" }).click();
    expect((await download).suggestedFilename()).toMatch(/^dea-\d{4}-\d{2}-\d{2}\.zip$/);
  });

  await test.step("the other agency knows nothing of it", async () => {
    const other = await as("lakeshore-compliance");
    await acknowledge(other.page, "dea");
    await other.page.goto("/dea");
    await settled(other.page, "DEA registrations");
    await expect(other.page.getByText(name)).toHaveCount(0);
    await other.page.goto(new URL(page.url()).pathname);
  });
});

test("two people who change one record see each other's changes and decide", async ({ as }) => {
  const { page } = await as(officer);
  await acknowledge(page, "dea");
  const name = `Conflict ${digits()}`;
  await enter(page, name, deaNumber("FC", digits()));
  await page.getByRole("button", { name: "Save registration" }).click();
  await settled(page, name);
  const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  await page.getByRole("link", { name: "Change" }).click();
  await settled(page, "Change registration");
  await page.getByLabel("Stationhouse or location").fill("Station 8");

  const stored = await must(page, "GET", `/api/dea/metadata/${id}`);
  await must(page, "PUT", `/api/dea/metadata/${id}?updateMask=stationhouse,registeredState`, { ...stored, stationhouse: "Station 9", registeredState: "WY" });

  await page.getByRole("button", { name: "Save changes" }).click();
  const dialog = page.getByRole("dialog", { name: /Somebody changed this registration/ });
  await expect(dialog.getByText("Now: WY")).toBeVisible();
  await dialog.getByRole("radio", { name: /Yours/ }).check();
  await dialog.getByRole("button", { name: "Save with these decisions" }).click();
  await settled(page, name);
  const merged = await must(page, "GET", `/api/dea/metadata/${id}`);
  expect(merged.stationhouse).toBe("Station 8");
  expect(merged.registeredState).toBe("WY");
});

test("a grant lets one administrator look for a time, and its end closes the workspace", async ({ as }) => {
  const admin = await as("highplains-admin");
  await admin.page.goto("/dea");
  await expect(admin.page.getByRole("heading", { level: 1, name: "DEA registrations" })).toBeVisible();
  await expect(admin.page.getByText(/administrator sees the DEA workspace/)).toBeVisible();

  const { page } = await as(officer);
  await acknowledge(page, "dea");
  await page.goto("/dea/access");
  await settled(page, "Administrators");
  if (await page.getByRole("button", { name: "Allow administrators" }).isVisible()) {
    await page.getByRole("button", { name: "Allow administrators" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Allow administrators" }).click();
    await expect(page.getByText("Allowed", { exact: true })).toBeVisible();
  }
  await page.getByRole("button", { name: "New grant" }).click();
  const dialog = page.getByRole("dialog", { name: "New grant" });
  await dialog.getByLabel("Administrator").selectOption("highplains-admin");
  await dialog.getByRole("textbox", { name: "Reason" }).fill("Inspection of the state board");
  await dialog.getByLabel("Last day").fill(isoDay(7));
  await dialog.getByRole("button", { name: "Give grant" }).click();
  const row = page.getByRole("row").filter({ hasText: "highplains-admin" }).filter({ hasText: "In force" });
  await expect(row).toHaveCount(1);

  // The grant opens the notice, and the notice the workspace.
  await acknowledge(admin.page, "dea");
  await admin.page.reload();
  await settled(admin.page, "DEA registrations");
  await expect(admin.page.getByRole("link", { name: "New registration" })).toHaveCount(0);

  await row.getByRole("button", { name: "Revoke" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Revoke grant" }).click();
  await expect(row).toHaveCount(0);
  await admin.page.reload();
  await expect(admin.page.getByText(/administrator sees the DEA workspace/)).toBeVisible();
});
