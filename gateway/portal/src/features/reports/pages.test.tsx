import { act, screen, waitFor, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { crossAgencies } from "@/api";
import { refuse, serve, type Call } from "@/test/api";
import { person } from "@/test/people";
import { expectAccessible, open } from "@/test/render";
import type { Execution } from "./figures";
import { sha256Hex } from "./verify";

const description =
  "Unit notified (eTimes.03) to unit on scene (eTimes.06) of the calls whose unit was notified in the period. " +
  "Left out and counted by reason, the first that applies: CANCELLED_BEFORE_ARRIVAL; TIME_UNKNOWN.";

const templates = {
  templates: [
    { id: "response-time", displayName: "Response time", description, groupBy: ["unit", "day"], catalogueVersion: "2" },
    { id: "turnout-time", displayName: "Turnout time", description, groupBy: ["unit"], catalogueVersion: "2" },
  ],
};

const id = "01a200d4-d3a0-74f2-a853-df9b4ef401b3";
const other = "01a200d4-d3a0-74f2-a853-df9b4ef401b4";

const figures = {
  p10Seconds: 420,
  p25Seconds: 450,
  medianSeconds: 600,
  p75Seconds: 780,
  p90Seconds: 840,
  meanSeconds: 676,
};
const cancelled = [{ reason: "CANCELLED_BEFORE_ARRIVAL", n: 1 }];
const execution: Execution = {
  id,
  agencyId: "1",
  template: "response-time",
  from: "2026-11-01T05:00:00Z",
  to: "2026-12-01T06:00:00Z",
  timeZone: "America/Chicago",
  groupBy: "unit",
  dataAsOf: "2026-11-22T01:17:39Z",
  watermark: "43",
  n: 14,
  excluded: cancelled,
  rows: [
    { group: "Medic 41", n: 11, excluded: cancelled, ...figures },
    { group: "Medic 42", n: 3, excluded: [], ...figures, medianSeconds: 300 },
    { group: "Medic 43", n: 0, excluded: [] },
  ],
  definitionSha256: "d".repeat(64),
  resultSha256: "e".repeat(64),
  catalogueVersion: "2",
  executedBy: person("agency_administrator").subject ?? "",
  accessReason: "",
  createTime: "2026-11-22T01:17:57Z",
  durationMs: 1,
};

const admin = {
  "GET /api/me": person("agency_administrator"),
  "GET /api/reports/templates": templates,
  "GET /api/people": { people: [{ subject: "s-2", login: "lakeshore-admin2" }] },
};

const made = (calls: readonly Call[], path: string) => calls.filter((c) => c.path === path);

it("shows every report with what it measures, and the runs that were made", async () => {
  const second = { ...execution, id: other, executedBy: "s-2", rows: [] };
  const calls = serve({ ...admin, "GET /api/reports/executions": { executions: [execution, second] } });
  const { container, user } = await open("/reports");
  expect(await screen.findByRole("link", { name: "Turnout time" })).toHaveAttribute(
    "href",
    "/reports/templates/turnout-time",
  );
  const runs = await screen.findByRole("table", { name: "Runs of reports" });
  expect(await within(runs).findByText("lakeshore-admin2")).toBeVisible();
  const [, first] = within(runs).getAllByRole("row");
  expect(first).toHaveTextContent(/Response time.*Nov 1 – Nov 30, 2026.*Unit.*14.*1.*You.*19:17 CST/);
  expect(within(first as HTMLElement).getByRole("link")).toHaveAttribute("href", `/reports/executions/${id}`);
  await expectAccessible(container);

  await user.selectOptions(screen.getByLabelText("Report"), "turnout-time");
  await waitFor(() =>
    expect(made(calls, "/api/reports/executions").at(-1)?.query.get("template")).toBe("turnout-time"),
  );
});

it("says what to do when nothing was run, and what the server refuses", async () => {
  serve({ ...admin, "GET /api/reports/executions": { executions: [] } });
  const { unmount } = await open("/reports");
  expect(await screen.findByText("No report has been run")).toBeVisible();
  unmount();
  serve({ ...admin, "GET /api/reports/executions": () => refuse(403, "MODULE_DISABLED") });
  await open("/reports");
  expect(await screen.findByRole("alert")).toHaveTextContent("switched off for the agency");
  expect(screen.getByText("req-1")).toBeVisible();
});

it("checks the period while typing, and runs the report in the zone of the agency", async () => {
  const calls = serve({
    ...admin,
    "POST /api/reports/templates/response-time:run": execution,
    "GET /api/reports/executions": { executions: [] },
  });
  const { user, router, container } = await open("/reports/templates/response-time");
  await user.selectOptions(await screen.findByLabelText("Period"), "last-month");
  const [from, to] = [screen.getByLabelText("First day"), screen.getByLabelText("Last day")];
  expect((from as HTMLInputElement).value).toMatch(/-01$/);
  expect(screen.getByText(/days of America\/Chicago\.$/)).toHaveTextContent(
    "Calls whose unit was notified (eTimes.03) from",
  );
  await expectAccessible(container);

  await user.clear(to);
  await user.type(to, "2025-01-01");
  expect(screen.getByLabelText("Period")).toHaveValue("custom");
  await user.click(screen.getByRole("button", { name: "Run report" }));
  expect(await screen.findByText("The last day is before the first")).toBeVisible();
  expect(made(calls, "/api/reports/templates/response-time:run")).toHaveLength(0);

  await user.clear(from);
  await user.type(from, "2024-12-01");
  await user.selectOptions(screen.getByLabelText("Group by"), "day");
  await user.click(screen.getByRole("button", { name: "Run report" }));
  await waitFor(() => expect(router.state.location.pathname).toBe(`/reports/executions/${id}`));
  expect(made(calls, "/api/reports/templates/response-time:run")[0]?.body).toEqual({
    from: "2024-12-01",
    to: "2025-01-01",
    groupBy: "day",
    timeZone: "America/Chicago",
  });
});

it("shows at its field what the server refuses", async () => {
  const violation = { field: "to", rule: "period.length", message: "must be at most 366 days after from" };
  serve({
    ...admin,
    "POST /api/reports/templates/response-time:run": () => refuse(400, "PERIOD_INVALID", "", [violation]),
  });
  const { user } = await open("/reports/templates/response-time");
  await user.click(await screen.findByRole("button", { name: "Run report" }));
  expect(await screen.findByText("must be at most 366 days after from")).toBeVisible();
  expect(screen.getByLabelText("Last day")).toHaveAttribute("aria-invalid", "true");
});

it("shows an execution: headline, spread, figures in the order asked for, and how it was computed", async () => {
  serve({ ...admin, [`GET /api/reports/executions/${id}`]: execution });
  const { container, user, router } = await open(`/reports/executions/${id}`);
  const table = await screen.findByRole("table", { name: /Figures of each group/ });
  const groups = () =>
    within(table)
      .getAllByRole("rowheader")
      .map((cell) => cell.textContent);
  expect(groups()).toEqual(["Medic 41", "Medic 42few calls", "Medic 43"]);
  expect(within(table).getAllByRole("row")[1]).toHaveTextContent(
    /11.*10:00.*14:00.*11:16.*7:00.*7:30.*13:00.*1 cancelled before arrival/,
  );
  expect(within(table).getAllByRole("row")[3]).toHaveTextContent(/0—————.*none/);
  expect(screen.getByRole("region", { name: "Headline" })).toHaveTextContent(
    /figures14.*left out11 cancelled before arrival.*few calls1/,
  );
  expect(
    screen.getByRole("img", { name: /medians from 5 minutes \(Medic 42\) to 10 minutes \(Medic 41\)/ }),
  ).toBeVisible();
  expect(screen.getByText("e".repeat(64))).toBeVisible();
  expect(screen.getByText("America/Chicago")).toBeVisible();
  await expectAccessible(container);

  await user.click(within(table).getByRole("button", { name: "Calls" }));
  expect(within(table).getByRole("columnheader", { name: "Calls" })).toHaveAttribute("aria-sort", "descending");
  await user.click(within(table).getByRole("button", { name: "Calls" }));
  expect(groups()).toEqual(["Medic 43", "Medic 42few calls", "Medic 41"]);
  expect(router.state.location.search).toMatchObject({ sort: "n", order: "asc" });
});

const stored = (e: Execution) => JSON.stringify({ n: e.n, excluded: e.excluded, rows: e.rows });

it.each([
  ["the stored answer", stored(execution), "Verified in this browser"],
  ["another answer", '{"n":15}', "Not verified: the stored answer has another SHA-256"],
])("computes the hash of %s in the browser", async (_, text, said) => {
  const resultSha256 = await sha256Hex(new TextEncoder().encode(stored(execution)).buffer);
  const calls = serve({
    ...admin,
    [`GET /api/reports/executions/${id}`]: { ...execution, resultSha256 },
    [`GET /api/reports/executions/${id}:export`]: () => ({ text }),
  });
  const { user } = await open(`/reports/executions/${id}`);
  await user.click(await screen.findByRole("button", { name: "Verify in this browser" }));
  expect(await screen.findByText(said, { selector: "p" })).toBeVisible();
  expect(made(calls, `/api/reports/executions/${id}:export`)[0]?.query.get("format")).toBe("json");
});

it("exports into the file that the service names", async () => {
  const calls = serve({
    ...admin,
    [`GET /api/reports/executions/${id}`]: execution,
    [`GET /api/reports/executions/${id}:export`]: () => ({
      text: "unit,n\r\n",
      headers: { "Content-Disposition": "attachment; filename=response-time_2026-11.xlsx" },
    }),
  });
  const saved: string[] = [];
  vi.stubGlobal("URL", Object.assign(URL, { createObjectURL: () => "blob:x", revokeObjectURL: () => undefined }));
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    saved.push(this.download);
  });
  const { user } = await open(`/reports/executions/${id}`);
  await user.click(await screen.findByRole("button", { name: "Export XLSX" }));
  await waitFor(() => expect(saved).toEqual(["response-time_2026-11.xlsx"]));
  expect(made(calls, `/api/reports/executions/${id}:export`)[0]?.headers.get("Accept")).toBe("*/*");
});

it("runs the same question again and says whether the answer is another one", async () => {
  const again = { ...execution, id: other, n: 15, resultSha256: "f".repeat(64) };
  const calls = serve({
    ...admin,
    [`GET /api/reports/executions/${id}`]: execution,
    [`GET /api/reports/executions/${other}`]: again,
    "GET /api/reports/executions": { executions: [] },
    "POST /api/reports/templates/response-time:run": again,
  });
  const { user } = await open(`/reports/executions/${id}`);
  await user.click(await screen.findByRole("button", { name: "Run again" }));
  expect(await screen.findByText("The answer is another one than before")).toBeVisible();
  expect(made(calls, "/api/reports/templates/response-time:run")[0]?.body).toEqual({
    from: execution.from,
    to: execution.to,
    groupBy: "unit",
    timeZone: "America/Chicago",
  });
});

it("names the agencies of a founder's run across them, and does not offer to run an agency's again there", async () => {
  const across = {
    ...execution,
    agencyId: "0",
    groupBy: "agency",
    accessReason: "monthly review",
    rows: [{ group: "2", n: 20, excluded: [], ...figures }],
  };
  const calls = serve({
    "GET /api/me": person("founder"),
    "GET /api/agencies": { agencies: [{ id: "2", displayName: "High Plains Ambulance" }] },
    "GET /api/reports/templates": templates,
    [`GET /api/reports/executions/${id}`]: across,
    [`GET /api/reports/executions/${other}`]: { ...execution, id: other },
  });
  const first = await open(`/reports/executions/${id}`);
  expect(await screen.findByText("Choose an agency", { selector: ".eyebrow" })).toBeVisible();
  expect(made(calls, `/api/reports/executions/${id}`)).toHaveLength(0);
  act(() => crossAgencies("monthly review"));
  expect(await screen.findByRole("rowheader", { name: "High Plains Ambulance" })).toBeVisible();
  expect(screen.getByRole("button", { name: "Run again" })).toBeVisible();
  expect(made(calls, `/api/reports/executions/${id}`)[0]?.headers.get("X-Access-Reason")).toBe("monthly review");
  first.unmount();
  await open(`/reports/executions/${other}`);
  expect(await screen.findByRole("table", { name: /Figures of each group/ })).toBeVisible();
  expect(screen.queryByRole("button", { name: "Run again" })).toBeNull();
});

it("says of an execution that is not there what to do, under a heading", async () => {
  serve({
    ...admin,
    [`GET /api/reports/executions/${id}`]: () => refuse(404, "EXECUTION_NOT_FOUND", "no such execution"),
  });
  const { container } = await open(`/reports/executions/${id}`);
  expect(await screen.findByRole("alert")).toHaveTextContent("It does not exist, or it belongs to another agency.");
  expect(screen.getByRole("heading", { level: 1, name: "Report" })).toBeVisible();
  expect(screen.getByRole("link", { name: "All reports" })).toHaveAttribute("href", "/reports");
  await expectAccessible(container);
});

it("says of a report that is not there where the others are", async () => {
  serve(admin);
  await open("/reports/templates/nothing");
  expect(await screen.findByRole("heading", { level: 1, name: "No such report" })).toBeVisible();
});

it.each(["qa_reviewer", "billing_staff", "clinical_staff", "compliance_officer"])("is closed to %s", async (role) => {
  const calls = serve({ "GET /api/me": person(role) });
  await open("/reports");
  await waitFor(() => expect(screen.queryByRole("heading", { level: 1 })).not.toBeNull());
  expect(screen.queryByRole("heading", { name: "Run a report" })).toBeNull();
  expect(screen.queryByRole("link", { name: "Reports" })).toBeNull();
  expect(calls.some((c) => c.path.startsWith("/api/reports"))).toBe(false);
});
