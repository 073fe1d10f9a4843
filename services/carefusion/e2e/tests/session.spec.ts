import { expect, test } from "@playwright/test";
import { seat } from "../support/signin.ts";

const access = "__Host-carefusion-access";
const refresh = "__Host-carefusion-refresh";

test("a session goes on when its token has ended, in two windows at once, and a copied refresh token ends it", async ({ browser }) => {
  const { context, page } = await seat(browser, "patient-b");
  const second = await context.newPage();
  await second.goto("/appointments");
  await expect(second.getByRole("heading", { name: "My appointments" })).toBeVisible();
  const valueOf = async (name: string) => (await context.cookies()).find((c) => c.name === name)?.value;
  const before = await valueOf(refresh);
  expect(before).toBeTruthy();

  await context.clearCookies({ name: access });
  await Promise.all([page.reload(), second.reload()]);
  for (const p of [page, second]) await expect(p.getByRole("heading", { name: "My appointments" })).toBeVisible();
  expect(await valueOf(access)).toBeTruthy();
  const after = await valueOf(refresh);
  expect(after).not.toBe(before);

  // Whoever copied the old one and uses it is found out, and nobody goes on.
  const cookie = (await context.cookies()).find((c) => c.name === refresh);
  if (!cookie) throw new Error("there is no refresh cookie");
  await context.clearCookies({ name: access });
  await context.addCookies([{ ...cookie, value: before ?? "" }]);
  await page.reload();
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
  await context.addCookies([{ ...cookie, value: after ?? "" }]);
  await page.reload();
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
  await context.close();
});

test("an answer from the issuer that was not asked for opens nothing", async ({ page }) => {
  await page.goto("/auth/callback?code=stolen&state=made-up");
  await expect(page.getByRole("alert")).toHaveText(/took too long/);
  await expect(page.getByRole("link", { name: "Sign in" })).toBeVisible();
  expect((await page.context().cookies()).filter((c) => c.name.startsWith("__Host-carefusion"))).toEqual([]);
});
