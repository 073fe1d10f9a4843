import { expect, test } from "@playwright/test";
import { state } from "../support/local.ts";
import { expectFlowing } from "../support/media.ts";
import { seat } from "../support/signin.ts";
import { agree, book, call, checkIn, join } from "../support/visits.ts";

test("the service is killed in the middle of a visit: the call goes on, the pages recover, nothing confirmed is lost", async ({ browser }) => {
  const patient = await seat(browser, "patient-a");
  const provider = await seat(browser, "provider-co");
  const p = patient.page;
  const d = provider.page;
  const id = await book(p);
  await agree(p, "Care by video");
  await agree(p, "Messages");
  await checkIn(p);
  await d.goto(`/visits/${id}`);
  await d.getByRole("button", { name: "Admit and start the call" }).click();
  await join(p);
  await join(d);
  await expectFlowing(p);
  await p.getByRole("textbox", { name: "Message" }).fill("Before it happened");
  await p.getByRole("button", { name: "Send" }).click();
  await expect(p.getByRole("list", { name: "Messages" }).getByText("Before it happened")).toBeVisible();

  const service = () => state().processes.find((x) => x.name === "carefusion");
  const before = service();
  process.kill(before?.pid ?? 0, "SIGKILL");
  await expect.poll(() => service()?.restarts, { timeout: 60_000 }).toBe((before?.restarts ?? 0) + 1);
  expect(service()?.pid).not.toBe(before?.pid);

  await expect.poll(async () => (await call(p, "GET", `appointments/${id}/session`).catch(() => ({ status: 0 }))).status, { timeout: 60_000 }).toBe(200);
  // By themselves: nobody reloads, nobody signs in again.
  await expectFlowing(p);
  await expectFlowing(d);
  await p.getByRole("textbox", { name: "Message" }).fill("After it happened");
  await p.getByRole("button", { name: "Send" }).click();
  const messages = d.getByRole("list", { name: "Messages" });
  await expect(messages.getByText("After it happened")).toBeVisible();
  await expect(messages.getByText("Before it happened")).toBeVisible();
  expect((await call(p, "GET", `appointments/${id}/consents`)).text.match(/DECISION_GIVEN/g)).toHaveLength(2);
  await d.getByRole("button", { name: "End the visit" }).click();
  await d.getByRole("dialog").getByRole("button", { name: "End the visit" }).click();
  await expect(p.getByRole("heading", { name: "This visit is over" })).toBeVisible();
  await Promise.all([patient, provider].map((s) => s.context.close()));
});
