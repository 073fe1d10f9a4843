import { expect, test, type Page } from "@playwright/test";
import { expectAccessible, expectFits } from "../support/axe.ts";
import { local, person } from "../support/local.ts";
import { expectFlowing, expectSilent, inbound } from "../support/media.ts";
import { seat } from "../support/signin.ts";
import { agree, book, call, checkIn, join } from "../support/visits.ts";

/** What the video server says to a token. */
const opens = (page: Page, token: string) =>
  page.evaluate(async (t) => (await fetch(`/rtc/validate?access_token=${encodeURIComponent(t)}&auto_subscribe=1&protocol=15`)).status, token);

/** What people write is text, whatever it looks like. */
const markup = `<b>x</b><img src="x" onerror="document.title='y'">`;

test("two people meet by video; consent that is taken back ends it, and new consent begins another call", async ({ browser }) => {
  const patient = await seat(browser, "patient-a");
  const provider = await seat(browser, "provider-co", "/day");
  const stranger = await seat(browser, "patient-b");
  const p = patient.page;
  const d = provider.page;
  let id = "";
  let token = "";
  let room = "";

  await test.step("booking, consent, waiting room", async () => {
    id = await book(p);
    await checkIn(p);
    await expect(d.getByRole("button", { name: "Admit" }).first()).toBeVisible();
    await d.goto(`/visits/${id}`);
    await d.getByRole("button", { name: "Admit", exact: true }).click();
    await d.getByRole("button", { name: "Start the call" }).click();
    // No call without consent, and the page says so with the id of the request.
    await expect(d.getByRole("alert").getByText("has not consented")).toBeVisible();
    await expect(d.getByText(/^Request [0-9a-f-]{36}$/)).toBeVisible();
    await agree(p, "Care by video");
    await d.getByRole("button", { name: "Start the call" }).click();
    await expect(d.getByRole("button", { name: "End the visit" })).toBeVisible();
  });

  await test.step("nobody is asked for a recording, and none is offered, where nothing can record", async () => {
    await expect(p.getByRole("heading", { name: "Messages", level: 3 })).toBeVisible();
    await expect(p.getByRole("heading", { name: "Recording", level: 3 })).toHaveCount(0);
    await expect(d.getByRole("button", { name: "Record", exact: true })).toHaveCount(0);
  });

  await test.step("sound and pictures arrive on both sides, by no third party's server", async () => {
    const asked = p.waitForResponse((r) => r.url().endsWith("session:join"));
    await join(p);
    const answer = (await (await asked).json()) as { token: string; room: string };
    ({ token, room } = answer);
    expect(await opens(p, token), "the video server takes the token").toBe(200);
    await join(d);
    await expectFlowing(p);
    await expectFlowing(d);
    for (const page of [p, d]) expect((await inbound(page)).servers).toEqual([]);
  });

  await test.step("the call fits a telephone, and is accessible in both themes", async () => {
    for (const page of [p, d]) {
      for (const theme of ["light", "dark"]) {
        await page.evaluate((t) => (document.documentElement.dataset.theme = t), theme);
        await expectAccessible(page);
      }
      await page.setViewportSize({ width: 360, height: 740 });
      await expectFits(page);
      await page.setViewportSize({ width: 1280, height: 900 });
    }
  });

  await test.step("camera and microphone are turned off and on again", async () => {
    await p.getByRole("button", { name: "Camera off" }).click();
    await p.getByRole("button", { name: "Mute" }).click();
    await expectSilent(d);
    await p.getByRole("button", { name: "Camera on" }).click();
    await p.getByRole("button", { name: "Unmute" }).click();
    await expectFlowing(d);
  });

  await test.step("messages need their own consent, are seen by both and by nobody else", async () => {
    await d.getByRole("textbox", { name: "Message" }).fill("Good morning");
    await d.getByRole("button", { name: "Send" }).click();
    await expect(d.getByRole("alert").getByText("has not consented")).toBeVisible();
    await agree(p, "Messages");
    await d.getByRole("button", { name: "Send" }).click();
    await expect(p.getByRole("list", { name: "Messages" }).getByText("Good morning")).toBeVisible();
    await p.getByRole("textbox", { name: "Message" }).fill("Good morning, doctor");
    await p.getByRole("button", { name: "Send" }).click();
    await expect(d.getByRole("list", { name: "Messages" }).getByText("Good morning, doctor")).toBeVisible();
    await p.getByRole("textbox", { name: "Message" }).fill(markup);
    await p.getByRole("button", { name: "Send" }).click();
    for (const page of [p, d]) {
      await expect(page.getByRole("list", { name: "Messages" }).getByText(markup)).toBeVisible();
      await expect(page.locator("main b, main img")).toHaveCount(0);
    }
    expect((await call(stranger.page, "GET", `appointments/${id}/messages`)).status).toBe(404);
    expect((await call(stranger.page, "POST", `appointments/${id}/messages`, { body: "let me in" })).status).toBe(404);
  });

  await test.step("consent is taken back: media stop, the patient waits again, the old token opens nothing", async () => {
    await p.getByRole("button", { name: "Take back consent: Care by video" }).click();
    await expect(p.getByRole("heading", { name: "Waiting room" })).toBeVisible();
    await expect(d.getByRole("heading", { name: "The patient is waiting" })).toBeVisible();
    await expectSilent(p);
    await expectSilent(d);
    const refused = await call(p, "POST", `appointments/${id}/session:join`);
    expect([refused.status, refused.reason]).toEqual([400, "SESSION_STATE"]);
    // The token itself has not ended: it is the room that is gone.
    await expect.poll(() => opens(p, token), { message: "the video server refuses the old token" }).toBeGreaterThanOrEqual(400);
  });

  await test.step("with new consent another call begins, in another room", async () => {
    await agree(p, "Care by video");
    await d.getByRole("button", { name: "Admit and start the call" }).click();
    const asked = p.waitForResponse((r) => r.url().endsWith("session:join"));
    await join(p);
    expect(((await (await asked).json()) as { room: string }).room).not.toBe(room);
    await join(d);
    await expectFlowing(p);
    await expectFlowing(d);
  });

  await test.step("the visit ends; a note is signed, and only then the patient reads it", async () => {
    await d.getByRole("button", { name: "End the visit" }).click();
    await d.getByRole("dialog").getByRole("button", { name: "End the visit" }).click();
    await expect(p.getByRole("heading", { name: "This visit is over" })).toBeVisible();
    await expectSilent(p);
    await d.getByLabel("New note").fill(`Cough for two weeks, lungs clear by history. ${markup}`);
    await d.getByRole("button", { name: "Save as draft" }).click();
    await expect(d.getByText("Draft", { exact: true })).toBeVisible();
    await p.reload();
    await expect(p.getByText("Your provider has not signed a note yet.")).toBeVisible();
    await d.getByRole("button", { name: "Sign", exact: true }).click();
    await d.getByRole("dialog").getByRole("button", { name: "Sign", exact: true }).click();
    await expect(d.getByText("Signed", { exact: true })).toBeVisible();
    await p.reload();
    await expect(p.getByText(`Cough for two weeks, lungs clear by history. ${markup}`)).toBeVisible();
    for (const page of [p, d]) await expect(page.locator("main b, main img")).toHaveCount(0);
    await d.getByRole("button", { name: "Add an amendment" }).click();
    await d.getByLabel("Amendment").fill("Returned by message: no fever.");
    await d.getByRole("button", { name: "Save", exact: true }).click();
    await expect(d.getByText("Returned by message: no fever.")).toBeVisible();
  });

  await test.step("billing charges the visit and takes a payment; the patient sees what is left", async () => {
    const billing = await seat(browser, "billing", "/encounters");
    const b = billing.page;
    await b.getByRole("link", { name: /^Open the visit/ }).first().click();
    await b.getByLabel("Procedure code").fill("99213");
    await b.getByLabel("Amount", { exact: true }).fill("125.50");
    await b.getByRole("button", { name: "Post the charge" }).click();
    await expect(b.getByRole("heading", { name: "Charge 99213" })).toBeVisible();
    await b.getByLabel("Amount received").fill("25.50");
    await b.getByRole("button", { name: "Record the payment" }).click();
    await expect(b.getByRole("heading", { name: "Payment" }).nth(1)).toBeVisible();
    await p.goto("/profile");
    await expect(p.getByText("$100.00")).toBeVisible();
    await billing.context.close();
  });
  await Promise.all([patient, provider, stranger].map((s) => s.context.close()));
});

test("patient B reaches nothing of patient A, by pages or by calls", async ({ browser }) => {
  const a = await seat(browser, "patient-a");
  const id = await book(a.page);
  await checkIn(a.page);
  const b = await seat(browser, "patient-b", `/visits/${id}`);
  await expect(b.page.getByRole("alert")).toBeVisible();
  await expect(b.page.getByText("A cough that stays")).toHaveCount(0);
  await b.page.goto("/appointments");
  await expect(b.page.getByRole("heading", { name: "To come" })).toBeVisible();
  await expect(b.page.locator(`a[href*="${id}"]`)).toHaveCount(0);
  const mine = person("patient-a").subject;
  const texts = JSON.parse((await call(b.page, "GET", "consentTexts")).text) as { texts: { purpose: string; sha256: string }[] };
  const care = texts.texts.find((t) => t.purpose === "PURPOSE_CARE");
  const tries: [method: "GET" | "POST", path: string, body?: unknown][] = [
    ["GET", `appointments/${id}`],
    ["GET", `appointments/${id}/session`],
    ["GET", `appointments/${id}/consents`],
    ["GET", `appointments/${id}/messages`],
    ["GET", `appointments/${id}/notes`],
    ["GET", `patients/${mine}`],
    ["GET", `patients/${mine}/balance`],
    ["POST", `appointments/${id}:cancel`, { reason: "CANCEL_REASON_PATIENT" }],
    ["POST", `appointments/${id}:reschedule`, { startTime: "2030-01-01T00:00:00Z", requestId: "8f14e45f-ceea-467f-a0d6-6d0a2f1c9b1e" }],
    ["POST", `appointments/${id}/session:checkIn`],
    ["POST", `appointments/${id}/session:wait`],
    ["POST", `appointments/${id}/session:join`],
    ["POST", `appointments/${id}/messages`, { body: "x" }],
    ["POST", `appointments/${id}/consents`, { purpose: "PURPOSE_CARE", decision: "DECISION_GIVEN", textSha256: care?.sha256, signer: "SIGNER_PATIENT" }],
    ["POST", `appointments/${id}/consents:withdraw`, { purpose: "PURPOSE_CARE" }],
  ];
  for (const [method, path, body] of tries) {
    const got = await call(b.page, method, path, body);
    expect(got.status, `${method} ${path}: ${got.text}`).toBe(404);
    expect(got.text).not.toContain("cough");
  }
  // What is A's stays as it was, and A reaches it.
  expect((await call(a.page, "GET", `appointments/${id}`)).text).toContain("A cough that stays");
  await a.page.getByRole("button", { name: "Cancel the appointment" }).click();
  await a.page.getByRole("dialog").getByRole("button", { name: "Cancel the appointment" }).click();
  await expect(a.page.getByText("Cancelled", { exact: true })).toBeVisible();
  await Promise.all([a, b].map((s) => s.context.close()));
});

test("tokens are out of reach of scripts, and another site's requests are not the page's", async ({ browser }) => {
  const { context, page } = await seat(browser, "patient-a");
  expect(await page.evaluate(() => document.cookie)).toBe("");
  expect(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))).not.toContain("eyJ");
  const cookies = (await context.cookies()).filter((c) => c.name.startsWith("__Host-carefusion"));
  expect(cookies.length).toBeGreaterThan(0);
  for (const c of cookies) expect([c.httpOnly, c.secure, c.sameSite, c.path]).toEqual([true, true, "Strict", "/"]);
  const header = cookies.map((c) => `${c.name}=${c.value}`).join("; ");
  const ask = (site: string) => fetch(`${local.url}/api/telehealth/v1/appointments`, { headers: { Cookie: header, "Sec-Fetch-Site": site } });
  expect((await ask("same-origin")).status).toBe(200);
  expect((await ask("cross-site")).status).toBe(401);
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
  expect((await context.cookies()).filter((c) => c.name.startsWith("__Host-carefusion"))).toEqual([]);
  await context.close();
});
