import { expect, type Page } from "@playwright/test";

/** Books the soonest free time of the provider who is open around the clock; answers the appointment's id. */
export async function book(page: Page, provider = "Dr. Amara Okafor"): Promise<string> {
  await page.goto("/find");
  await page.getByRole("button", { name: `See open times of ${provider}` }).click();
  await page.getByRole("group", { name: /^Free times on/ }).getByRole("button").first().click();
  await page.getByLabel("What is the visit for?").fill("A cough that stays");
  await page.getByRole("button", { name: "Book this time" }).click();
  await page.waitForURL(/\/visits\/[0-9a-f-]{36}$/);
  return new URL(page.url()).pathname.split("/").pop() ?? "";
}

export async function agree(page: Page, purpose: "Care by video" | "Messages"): Promise<void> {
  await page.getByRole("button", { name: `I agree to ${purpose}` }).click();
  await expect(page.getByRole("button", { name: `Take back consent: ${purpose}` })).toBeVisible();
}

export async function checkIn(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Check in and wait" }).click();
  await expect(page.getByRole("heading", { name: "Waiting room" })).toBeVisible();
}

export const joined = (page: Page) => expect(page.locator("[data-call=joined]")).toBeVisible({ timeout: 60_000 });

export async function join(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Join the call" }).click();
  await joined(page);
}

/** Calls the API as the page does, with its session; answers status and reason. */
export function call(page: Page, method: "GET" | "POST", path: string, body?: unknown): Promise<{ status: number; reason: string; text: string }> {
  return page.evaluate(
    async ([m, p, b]) => {
      const response = await fetch(`/api/telehealth/v1/${p}`, m === "GET" ? {} : { method: m, body: JSON.stringify(b ?? {}) });
      const text = await response.text();
      const reason = /"reason":\s*"([A-Z_]+)"/.exec(text)?.[1] ?? "";
      return { status: response.status, reason, text };
    },
    [method, path, body] as const,
  );
}
