import { expect, test, type Page } from "@playwright/test";
import { expectAccessible, expectFits, settled } from "../support/axe.ts";
import { areas } from "../support/pages.ts";
import { seat } from "../support/signin.ts";
import { book, checkIn } from "../support/visits.ts";

/** Judges a page in both themes and in a narrow window. */
async function judge(page: Page): Promise<void> {
  await settled(page);
  for (const theme of ["dark", "light"]) {
    await page.evaluate((t) => (document.documentElement.dataset.theme = t), theme);
    await expectAccessible(page);
  }
  await page.setViewportSize({ width: 360, height: 740 });
  await expectFits(page);
  await page.setViewportSize({ width: 1280, height: 900 });
}

test("the door", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
  await judge(page);
  await page.getByRole("link", { name: "Sign in" }).click();
  await expect(page.getByLabel("Password")).toBeVisible();
  await expectAccessible(page);
  await page.setViewportSize({ width: 360, height: 740 });
  await expectFits(page);
});

for (const [name, paths] of Object.entries(areas)) {
  test(`every page of ${name}`, async ({ browser }) => {
    const { context, page } = await seat(browser, name);
    const refused: string[] = [];
    page.on("console", (m) => {
      if (m.type() === "error") refused.push(`${m.text()} ${m.location().url}`);
    });
    for (const path of paths) {
      await test.step(path, async () => {
        await page.goto(path);
        await judge(page);
      });
    }
    expect(refused, "errors in the console, the content security policy's among them").toEqual([]);
    await context.close();
  });
}

test("a visit, on both sides", async ({ browser }) => {
  const patient = await seat(browser, "patient-a");
  const provider = await seat(browser, "provider-co");
  const id = await book(patient.page);
  await judge(patient.page);
  await checkIn(patient.page);
  await judge(patient.page);
  await provider.page.goto("/day");
  await judge(provider.page);
  await provider.page.goto(`/visits/${id}`);
  await judge(provider.page);
  await patient.page.getByRole("button", { name: "Cancel the appointment" }).click();
  await expectAccessible(patient.page);
  await patient.page.getByRole("dialog").getByRole("button", { name: "Cancel the appointment" }).click();
  await expect(patient.page.getByText("Cancelled", { exact: true })).toBeVisible();
  await Promise.all([patient, provider].map((s) => s.context.close()));
});
