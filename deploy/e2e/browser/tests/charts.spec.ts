import type { Page } from "@playwright/test";

import { must } from "../support/api.ts";
import { settled } from "../support/settled.ts";
import { expect, test } from "../support/test.ts";

/** A demo chart as its document. */
async function documentOf(page: Page, chartId: string): Promise<{ pcrNumber: string; xml: string }> {
  await page.goto("/account");
  const { pcrNumber } = await must(page, "GET", `/api/clinical/charts/${chartId}`);
  return { pcrNumber, xml: await must<string>(page, "GET", `/api/clinical/charts/${chartId}/nemsis`) };
}

/** The same report under another number: a chart that nobody has seen. */
function renumbered(xml: string, pcrNumber: string): string {
  const incident = /<eResponse\.03>([^<]+)</.exec(xml)?.[1] ?? "";
  return xml
    .replace(/<eRecord\.01>[^<]+</, `<eRecord.01>${pcrNumber}<`)
    .replaceAll(`<eResponse.03>${incident}<`, `<eResponse.03>I-${pcrNumber}<`)
    .replace(/(<PatientCareReport[^>]*UUID=")[0-9a-f-]{36}/, (_, head: string) => head + crypto.randomUUID());
}

const asFile = (name: string, xml: string) => ({ name, mimeType: "text/xml", buffer: Buffer.from(xml) });

test("a good, a bad and a duplicate file are imported together, and the good one is followed to its end", async ({ as }) => {
  // A call with a long response time: it comes before quality review, and it is billed.
  const reviewer = await as("lakeshore-qa");
  await reviewer.page.goto("/account");
  const { cases } = await must(reviewer.page, "GET", "/api/qa/cases?triggerCode=TIME.RESP_CRIT&pageSize=1");
  const { page, watch } = await as("lakeshore-supervisor");
  const { pcrNumber, xml } = await documentOf(page, cases[0].chartId);
  const number = `E2E${Date.now()}`;

  await page.goto("/charts/import");
  await settled(page, "Import charts");
  await page.getByLabel(/Drop NEMSIS files here/).setInputFiles([
    asFile("good.xml", renumbered(xml, number)),
    asFile("bad.xml", renumbered(xml, `${number}B`).replace(/<eTimes\.03>[^<]*<\/eTimes\.03>/, "")),
    asFile("duplicate.xml", xml),
  ]);
  const file = (name: string) => page.getByRole("list", { name: "Files" }).getByRole("listitem").filter({ hasText: name });

  await expect(file("good.xml").getByText("Stored", { exact: true })).toBeVisible({ timeout: 20_000 });
  await expect(file("good.xml").getByText("New chart")).toBeVisible();
  await expect(file("duplicate.xml").getByText("Already there", { exact: true })).toBeVisible();
  await expect(file("duplicate.xml").getByRole("link", { name: pcrNumber, exact: true })).toBeVisible();
  await expect(file("bad.xml").getByText("Refused", { exact: true })).toBeVisible();
  const fault = file("bad.xml").getByRole("row").filter({ hasText: "eTimes.03" });
  await expect(fault.first()).toBeVisible();
  await expect(fault.first()).toContainText(/nemsis/);
  await expect(fault.first().getByRole("cell", { name: /^\d+$/ }).first()).toBeVisible();

  await test.step("the chart", async () => {
    await file("good.xml").getByRole("link", { name: number, exact: true }).click();
    await settled(page, number);
    await expect(page.getByRole("heading", { name: "Timeline" })).toBeVisible();
  });

  const id = new URL(page.url()).pathname.split("/")[2] ?? "";
  await test.step("its journey, for whoever may see every step", async () => {
    const { page: founder } = await as("founder");
    const agency = (await must(page, "GET", "/api/me")).agency.id as string;
    await founder.goto(`/charts/${id}/journey?agency=${agency}`);
    await settled(founder, number);
    const steps = founder.getByRole("list", { name: "Steps" });
    for (const link of [/case/i, /claim/i]) await expect(steps.getByRole("link", { name: link }).first()).toBeVisible({ timeout: 30_000 });
    await expect(steps.getByText(/audit/i).first()).toBeVisible();
    await steps.getByRole("link", { name: /claim/i }).first().click();
    await expect(founder).toHaveURL(/\/billing\/claims\//);
    await settled(founder, /^Service/);
  });
  for (const url of watch.urls) expect(url).not.toContain(number);
});
