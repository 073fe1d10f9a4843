import { readFileSync } from "node:fs";
import { join } from "node:path";

import { call } from "../support/api.ts";
import { fleet } from "../support/fleet.ts";
import { settled } from "../support/settled.ts";
import { expect, test } from "../support/test.ts";

/** The reviewed truth table: which role sees which entry, with x for yes. */
function table(): { roles: string[]; rows: { place: string; entry: string; sees: Map<string, boolean> }[] } {
  const [head = "", ...lines] = readFileSync(join(import.meta.dirname, "../navigation.csv"), "utf8").trim().split("\n");
  const roles = head.split(",").slice(2);
  const rows = lines.map((line) => {
    const [place = "", entry = "", ...marks] = line.split(",");
    if (marks.length !== roles.length || marks.some((m) => m !== "x" && m !== "-")) throw new Error(`navigation.csv: ${line}`);
    return { place, entry, sees: new Map(roles.map((role, i) => [role, marks[i] === "x"])) };
  });
  return { roles, rows };
}

const { roles, rows } = table();

/** The demo user of the first agency with a role. */
const loginOf = (role: string) => fleet.users.find((u) => u.roles.includes(role) && !u.name.startsWith("highplains") && !u.name.endsWith("newcomer"))?.name ?? "";

test("the truth table names every role of the demo users", () => {
  expect([...roles].sort()).toEqual([...new Set(fleet.users.flatMap((u) => u.roles))].sort());
});

for (const role of roles) {
  test(`${role} sees exactly its navigation`, async ({ as }) => {
    const { page } = await as(loginOf(role));
    await page.goto("/account");
    await settled(page, "My account");
    const seen = async (place: string) => {
      const names = await page.locator(place === "sidebar" ? "[data-shell=sidebar] nav a" : "[data-shell=topbar] a").allInnerTexts();
      return names.map((name) => name.trim());
    };
    for (const place of ["sidebar", "header"]) {
      const expected = rows.filter((row) => row.place === place && row.sees.get(role)).map((row) => row.entry);
      expect(await seen(place), place).toEqual(expected);
    }
  });
}

/** Pages that a role does not have, with the call that each stands on. */
const forbidden: readonly [login: string, address: string, api: string][] = [
  ["lakeshore-billing", "/qa/cases", "/api/qa/cases"],
  ["lakeshore-qa", "/billing/claims", "/api/billing/claims"],
  ["lakeshore-qa", "/dea", "/api/dea/metadata"],
  ["lakeshore-medic", "/audit", "/api/audit/events"],
  ["lakeshore-compliance", "/charts", "/api/clinical/charts"],
  ["lakeshore-supervisor", "/governance", "/api/governance/policies"],
];

for (const [login, address, api] of forbidden) {
  test(`${address} is closed to ${login} by its address as well, and its data by the API`, async ({ as }) => {
    const { page, watch } = await as(login);
    await page.goto(address);
    await expect(page.getByRole("heading", { level: 1, name: "You may not open this page" })).toBeVisible();
    expect([...watch.urls].filter((url) => new URL(url).pathname.startsWith(api)), "calls of the page that is not shown").toEqual([]);
    const answer = await call(page, "GET", api);
    expect(answer.status).toBe(403);
    expect(answer.body.reason).toBe("SCOPE_MISSING");
  });
}
