import { readFileSync } from "node:fs";
import { screen, within } from "@testing-library/react";
import { beforeEach, describe, expect, it } from "vitest";
import { refuse, serve, type Handler } from "@/test/api";
import { person } from "@/test/people";
import { expectAccessible, open } from "@/test/render";
import { actionChoices, actionWords, shortAction } from "./words";
import { pathOf } from "./links";
import { auditSearch, queryOf } from "./search";
import { memory } from "./trust";

interface Vectors {
  verifierKey: string;
  events: { id: string; [field: string]: unknown }[];
  inclusion: Record<string, unknown>[];
  checkpoints: { treeSize: string; checkpoint: string; rootHash: string; verifierKey: string }[];
  consistency: { from: string; to: string; path: string[] }[];
}
const vectors = JSON.parse(readFileSync("../../services/audit/testdata/vectors.json", "utf8")) as Vectors;

const me = person("compliance_officer");
const subject = "7f0c9c8e-subject";
const people = { people: [{ subject, agencyId: "1", login: "lakeshore-qa", roles: ["qa_reviewer"] }] };
const checkpoint = (size: string) => vectors.checkpoints.find((c) => c.treeSize === size) ?? {};
const entry = (i: number) => vectors.events[i] ?? { id: "" };
const proof = (i: number) => vectors.inclusion[i] ?? {};

function log(over: Record<string, Handler | object> = {}) {
  return serve({
    "GET /api/me": me,
    "GET /api/people": people,
    "GET /api/audit/checkpoint": checkpoint("11"),
    "GET /api/audit/events": { events: [entry(0), entry(1)], nextPageToken: "" },
    [`GET /api/audit/events/${entry(3).id}`]: entry(3),
    [`GET /api/audit/events/${entry(3).id}/proof`]: proof(3),
    "GET /api/audit/consistency": (call: { query: URLSearchParams }) =>
      vectors.consistency.find((c) => c.from === call.query.get("from") && c.to === call.query.get("to")),
    ...over,
  });
}

beforeEach(() => memory.set(null));

describe("the log", () => {
  it("shows who did what, in words and with the login", async () => {
    log();
    const { container } = await open("/audit");
    const table = await screen.findByRole("table", { name: /audit log/ });
    await within(table).findAllByText("Change case");
    const [, first, second] = within(table).getAllByRole("row");
    expect(within(first as HTMLElement).getByRole("link", { name: "Change case" })).toHaveAttribute(
      "href",
      `/audit/events/${entry(0).id}`,
    );
    expect(first).toHaveTextContent("lakeshore-qa");
    expect(first).toHaveTextContent("QA/QI Reviewer");
    expect(first).toHaveTextContent("06:00:00 CST");
    expect(first).toHaveTextContent("Done");
    expect(second).toHaveTextContent("Refused");
    expect(second).toHaveTextContent("SCOPE_MISSING");
    expect(await screen.findByText("Checkpoint verified")).toBeVisible();
    await expectAccessible(container);
  }, 60_000);

  it("asks for what the address says, days in the agency's zone", async () => {
    const calls = log();
    await open("/audit?stream=ai&outcome=denied&from=2026-03-01&to=2026-03-31&action=fleet.qa.&requestId=r-1");
    await screen.findByRole("table", { name: /audit log/ });
    const query = Object.fromEntries(calls.find((c) => c.path === "/api/audit/events")?.query ?? []);
    expect(query).toMatchObject({
      stream: "STREAM_AI",
      outcome: "OUTCOME_DENIED",
      action: "fleet.qa.",
      requestId: "r-1",
      from: "2026-03-01T06:00:00.000Z",
      // Clocks go forward in between.
      to: "2026-04-01T05:00:00.000Z",
    });
  });

  it("searches by login, and keeps the subject in the address", async () => {
    const calls = log();
    const { user, router } = await open("/audit");
    await screen.findByRole("table", { name: /audit log/ });
    await user.type(await screen.findByLabelText("Person"), "lakeshore-qa");
    await user.selectOptions(screen.getByLabelText("Outcome"), "Refused");
    await user.click(
      within(screen.getByRole("form", { name: "Search the audit log" })).getByRole("button", { name: "Search" }),
    );
    expect(router.state.location.search).toEqual({ actor: subject, outcome: "denied" });
    expect(await screen.findByLabelText("Person")).toHaveValue("lakeshore-qa");
    expect(calls.at(-1)?.query.get("actor")).toBe(subject);
    await user.click(screen.getByRole("button", { name: "Clear" }));
    expect(router.state.location.search).toEqual({});
  });

  it("refuses a period that ends before it begins", async () => {
    log();
    const { user, router } = await open("/audit?from=2026-03-31");
    await user.type(await screen.findByLabelText("To"), "2026-03-01");
    await user.click(
      within(screen.getByRole("form", { name: "Search the audit log" })).getByRole("button", { name: "Search" }),
    );
    expect(await screen.findByText("Not before the first day")).toBeVisible();
    expect(router.state.location.search).toEqual({ from: "2026-03-31" });
  });

  it("keeps the streams apart", async () => {
    const calls = log();
    const { user, router } = await open(`/audit?actor=${subject}`);
    await user.click(await screen.findByRole("tab", { name: "Services" }));
    expect(router.state.location.search).toEqual({ stream: "system" });
    expect(await screen.findByLabelText("Service")).toHaveValue("");
    expect(calls.at(-1)?.query.get("stream")).toBe("STREAM_SYSTEM");
  });

  it("says what to do when nothing matches", async () => {
    log({ "GET /api/audit/events": { events: [] } });
    await open("/audit");
    expect(await screen.findByText("No entry matches")).toBeVisible();
  });

  it("says what happened when it cannot be read", async () => {
    log({ "GET /api/audit/events": refuse(503, "UNAVAILABLE") });
    await open("/audit?outcome=error");
    expect(await screen.findByText("A part of the system is away")).toBeVisible();
    expect(screen.getAllByText("req-1")[0]).toBeVisible();
  });

  it("is no page for who may not read it", async () => {
    const calls = serve({ "GET /api/me": person("qa_reviewer") });
    await open("/audit");
    expect(screen.queryByRole("table")).not.toBeInTheDocument();
    expect(calls.some((c) => c.path.startsWith("/api/audit"))).toBe(false);
  });
});

describe("an entry", () => {
  const address = `/audit/events/${entry(3).id}`;

  it("shows before and after, and proves itself", async () => {
    log();
    const { container } = await open(address);
    expect(await screen.findByRole("heading", { level: 1, name: "Change case" })).toBeVisible();
    const changes = screen.getByRole("table", { name: /Changed fields/ });
    expect(within(changes).getByRole("row", { name: /state open in_review/ })).toBeVisible();
    expect(within(changes).getByRole("row", { name: /licence none \*\*\*\*\*6789/ })).toBeVisible();
    expect(screen.getByText(/State audit <&>/)).toBeVisible();
    expect(await screen.findByText("This entry is proven")).toBeVisible();
    expect(screen.getAllByText(/^Holds:/)).toHaveLength(9);
    await expectAccessible(container);
  }, 60_000);

  it("says which step fails when the entry was changed", async () => {
    log({ [`GET /api/audit/events/${entry(3).id}`]: { ...entry(3), outcome: "OUTCOME_DENIED" } });
    await open(address);
    expect(await screen.findByText("This entry is not proven")).toBeVisible();
    expect(
      screen.getByText(
        /This step does not hold: “The entry shown is the evidence”. The leaf says something else in: outcome\./,
      ),
    ).toBeVisible();
    expect(screen.getAllByText(/^Does not hold:/)).toHaveLength(1);
  });

  it("is held against the log that the window saw before", async () => {
    const calls = log({ "GET /api/audit/checkpoint": checkpoint("7") });
    const { router } = await open("/audit");
    expect(await screen.findByText("Checkpoint verified")).toBeVisible();
    await router.navigate({ to: address });
    expect(await screen.findByText("From 7 to 11 entries: nothing before was changed or taken away.")).toBeVisible();
    expect(calls.some((c) => c.path === "/api/audit/consistency" && c.query.get("from") === "7")).toBe(true);
    expect(memory.get()?.checkpoint.size).toBe(11);
  });

  it("is not proven by a log that is another one than before", async () => {
    log({
      "GET /api/audit/checkpoint": checkpoint("7"),
      "GET /api/audit/consistency": vectors.consistency.find((c) => c.from === "6" && c.to === "11") ?? {},
    });
    const { router } = await open("/audit");
    expect(await screen.findByText("Checkpoint verified")).toBeVisible();
    await router.navigate({ to: address });
    expect(await screen.findByText("This entry is not proven")).toBeVisible();
    expect(screen.getByText(/“The log has only grown since”/)).toBeVisible();
    expect(memory.get()?.checkpoint.size).toBe(7);
  });

  it("is not proven under a key that changed", async () => {
    log();
    const { router } = await open(address);
    expect(await screen.findByText("This entry is proven")).toBeVisible();
    const known = memory.get();
    if (known) memory.set({ ...known, verifierKey: "another" });
    await router.navigate({ to: "/audit" });
    expect(await screen.findByText("Checkpoint not proven")).toBeVisible();
  });
});

describe("words", () => {
  it.each([
    ["fleet.qa.v1.CaseService/UpdateCase", "Change case"],
    ["fleet.compliance.v1.DeaService/ListDeaAuditLog", "List DEA audit log"],
    ["fleet.compliance.v1.CmsService/AcknowledgeCmsNotice", "Acknowledge CMS notice"],
    ["fleet.gateway.v1.SessionService/SignIn", "Sign in"],
    ["fleet.compliance.v1.Alerts/RaiseAlerts", "Raise alerts"],
    ["", ""],
  ])("%s is “%s”", (action, words) => expect(actionWords(action)).toBe(words));

  it("exist for every operation", () => {
    for (const { value, label } of actionChoices) expect(label, value).toMatch(/^[A-Z][^/]+$/);
    expect(shortAction("fleet.qa.v1.CaseService/UpdateCase")).toBe("CaseService/UpdateCase");
  });
});

describe("resources", () => {
  it.each([
    ["charts/0190", "/charts/0190"],
    ["cases/0190", "/qa/cases/0190"],
    ["policies/qa.triggers/versions/2", "/governance/qa.triggers"],
    ["agencies/1/modules/qa", "/modules"],
    ["charts", null],
    ["sessions/1", null],
  ])("%s lead to %s", (resource, path) => expect(pathOf(resource)).toBe(path));
});

describe("the search in the address", () => {
  it("drops what is wrong in it", () => {
    expect(
      auditSearch.parse({ stream: "x", outcome: "y", from: "yesterday", actor: "", resource: "charts/1" }),
    ).toEqual({
      resource: "charts/1",
    });
    expect(queryOf({}, "UTC")).toEqual({ stream: "STREAM_HUMAN" });
  });
});
