import { expect, test } from "@playwright/test";
import { seat } from "../support/signin.ts";

test("who waits for approval is not found; approved and with hours they are, and suspended no more", async ({ browser }) => {
  const patient = await seat(browser, "patient-a", "/find");
  const provider = await seat(browser, "provider-new", "/day");
  const admin = await seat(browser, "admin", "/providers");
  const [p, d, a] = [patient.page, provider.page, admin.page];
  const times = p.getByRole("button", { name: "See open times of Dr. Noor Haddad" });
  await expect(p.getByRole("button", { name: "See open times of Dr. Amara Okafor" })).toBeVisible();
  await expect(times).toHaveCount(0);
  await expect(d.getByText("You wait for an administrator's approval")).toBeVisible();

  await a.getByRole("button", { name: "Approve Dr. Noor Haddad" }).click();
  await expect(a.getByRole("button", { name: "Approve Dr. Noor Haddad" })).toHaveCount(0);
  await d.goto("/hours");
  await expect(d.getByText("No hours: nobody can book.")).toBeVisible();
  for (const day of ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]) {
    await d.getByLabel("Day", { exact: true }).selectOption(day);
    await d.getByRole("button", { name: "Add", exact: true }).click();
  }
  await expect(d.getByText("Not saved yet.")).toBeVisible();
  await d.getByRole("button", { name: "Save the week" }).click();
  await expect(d.getByText("Not saved yet.")).toHaveCount(0);
  await d.reload();
  await expect(d.getByText("Sunday, 09:00 to 17:00")).toBeVisible();

  await p.reload();
  await times.click();
  const free = p.getByRole("group", { name: /^Free times on/ }).getByRole("button");
  // Visits of 30 minutes: at most sixteen from nine to five.
  await expect(free.first()).toBeVisible();
  expect(await free.count()).toBeLessThanOrEqual(16);

  const row = a.getByRole("listitem").filter({ has: a.getByRole("heading", { name: "Dr. Noor Haddad" }) });
  await row.getByRole("button", { name: "Suspend" }).click();
  await a.getByRole("dialog").getByRole("button", { name: "Suspend" }).click();
  await expect(a.getByRole("button", { name: "Approve Dr. Noor Haddad" })).toBeVisible();
  await p.reload();
  await expect(p.getByRole("button", { name: "See open times of Dr. Amara Okafor" })).toBeVisible();
  await expect(times).toHaveCount(0);

  await a.goto("/audit");
  await a.getByLabel("Search in what is loaded").fill("SuspendProvider");
  await expect(a.getByRole("cell", { name: /^SuspendProvider/ }).first()).toBeVisible();
  await a.getByRole("button", { name: "Recompute the chain" }).click();
  await expect(a.getByText("Whole", { exact: true })).toBeVisible();
  await Promise.all([patient, provider, admin].map((s) => s.context.close()));
});

test("an appointment is moved: the new time is booked before the old one is given up", async ({ browser }) => {
  const { context, page } = await seat(browser, "patient-a", "/appointments");
  await page.getByRole("link", { name: /^Open the visit/ }).first().click();
  await expect(page.getByRole("heading", { name: "Change this appointment" })).toBeVisible();
  const before = page.url();
  await page.getByRole("button", { name: "Choose another time" }).click();
  await page.getByRole("group", { name: /^Free times on/ }).getByRole("button").last().click();
  await page.getByRole("button", { name: /^Move to/ }).click();
  await page.waitForURL((u) => u.href !== before);
  await expect(page.getByText("Booked", { exact: true })).toBeVisible();
  await page.goto(before);
  await expect(page.getByText("Cancelled", { exact: true })).toBeVisible();
  await context.close();
});
