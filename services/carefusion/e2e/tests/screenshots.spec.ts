import { test, type Page } from "@playwright/test";
import { join, resolve } from "node:path";
import { settled } from "../support/axe.ts";
import { areas } from "../support/pages.ts";
import { seat } from "../support/signin.ts";
import { agree, book, checkIn, join as joinCall } from "../support/visits.ts";

const out = resolve(import.meta.dirname, "../../.run/screenshots");

/** Both themes at both widths, as a whole page. */
async function shoot(page: Page, name: string): Promise<void> {
  await settled(page);
  for (const theme of ["dark", "light"]) {
    await page.evaluate((t) => (document.documentElement.dataset.theme = t), theme);
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      await page.screenshot({ path: join(out, `${name}-${theme}-${width}.png`), fullPage: true });
    }
  }
}

test("the door", async ({ page }) => {
  await page.goto("/");
  await shoot(page, "door");
  await page.getByRole("link", { name: "Sign in" }).click();
  await shoot(page, "sign-in");
});

for (const [name, paths] of Object.entries(areas)) {
  test(`pages of ${name}`, async ({ browser }) => {
    const { context, page } = await seat(browser, name);
    for (const path of paths) {
      await page.goto(path);
      await shoot(page, `${name}${path.replaceAll("/", "-")}`);
    }
    await context.close();
  });
}

test("a visit", async ({ browser }) => {
  const patient = await seat(browser, "patient-a");
  const provider = await seat(browser, "provider-co");
  const [p, d] = [patient.page, provider.page];
  await p.goto("/find");
  await p.getByRole("button", { name: /^See open times/ }).first().click();
  await shoot(p, "find-times");
  const id = await book(p);
  await shoot(p, "visit-before");
  await agree(p, "Care by video");
  await agree(p, "Messages");
  await checkIn(p);
  await shoot(p, "visit-waiting");
  await d.goto("/day");
  await shoot(d, "day-waiting");
  await d.goto(`/visits/${id}`);
  await d.getByRole("button", { name: "Admit and start the call" }).click();
  await joinCall(p);
  await joinCall(d);
  await d.getByRole("textbox", { name: "Message" }).fill("Can you hear me?");
  await d.getByRole("button", { name: "Send" }).click();
  await p.getByText("Can you hear me?").waitFor();
  await shoot(p, "visit-call-patient");
  await shoot(d, "visit-call-provider");
  await Promise.all([patient, provider].map((s) => s.context.close()));
});
