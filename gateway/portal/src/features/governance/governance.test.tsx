import { fireEvent, screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { refuse, serve, type Handler } from "@/test/api";
import { person } from "@/test/people";
import { expectAccessible, open } from "@/test/render";
import { defaultPair } from "./PolicyPage";
import { syntaxError } from "./NewVersionPage";

const founder = person("founder");
const version = (n: number, active: boolean, threshold: number) => ({
  key: "qa.triggers",
  version: n,
  active,
  document: { pediatricUnderYears: 18, triggers: { "TIME.RESP_CRIT": { threshold, unit: "min" } } },
  sha256: "ab".repeat(32),
  comment: n === 1 ? "First version, as delivered." : "The county contract.",
  author: n === 1 ? "system" : founder.subject,
  createTime: "2026-11-20T12:00:00Z",
  ...(active ? { activateTime: "2026-11-20T12:00:00Z" } : {}),
});

const base = "/api/governance/policies";

function governance(over: Record<string, Handler | object> = {}) {
  return serve({
    "GET /api/me": founder,
    "GET /api/agencies": { agencies: [] },
    [`GET ${base}`]: {
      policies: [
        { key: "qa.triggers", description: "What opens a case.", activeVersion: 1, latestVersion: 2 },
        { key: "compliance.alerts", description: "When somebody is told.", activeVersion: 3, latestVersion: 3 },
      ],
    },
    [`GET ${base}/qa.triggers/versions`]: { versions: [version(2, false, 9), version(1, true, 10)] },
    ...over,
  });
}

describe("policies", () => {
  it("are listed with what is in force and what waits", async () => {
    governance();
    const { container } = await open("/governance");
    expect((await screen.findByText("QA triggers")).closest("a")).toHaveAttribute("href", "/governance/qa.triggers");
    expect(screen.getByText("Version 2 is not in force")).toBeVisible();
    expect(screen.getByRole("row", { name: /Expiration alerts.*Version 3.*In force/ })).toBeVisible();
    await expectAccessible(container);
  }, 60_000);

  it("are no page for an administrator", async () => {
    const calls = serve({ "GET /api/me": person("agency_administrator") });
    await open("/governance");
    expect(screen.queryByRole("table")).not.toBeInTheDocument();
    expect(calls.some((c) => c.path.startsWith(base))).toBe(false);
  });
});

describe("a policy", () => {
  it("compares what is in force with the newest", async () => {
    governance();
    const { container } = await open("/governance/qa.triggers");
    const table = await screen.findByRole("table", { name: "What differs between version 1 and version 2" });
    expect(
      within(table).getByRole("row", { name: "Changed triggers › TIME.RESP_CRIT › threshold 10 9" }),
    ).toBeVisible();
    expect(screen.getByText("1 place differs")).toBeVisible();
    expect(screen.getByText("Delivered with the platform")).toBeVisible();
    await expectAccessible(container);
  }, 60_000);

  it("compares any two versions, and keeps them in the address", async () => {
    governance();
    const { user, router } = await open("/governance/qa.triggers");
    await user.selectOptions(await screen.findByLabelText("Compare"), "Version 2");
    expect(router.state.location.searchStr).toBe("?old=2");
    expect(screen.queryByRole("table", { name: /What differs/ })).not.toBeInTheDocument();
    await user.selectOptions(screen.getByLabelText("With"), "Version 1 (in force)");
    expect(await screen.findByRole("table", { name: "What differs between version 2 and version 1" })).toBeVisible();
  });

  it("is put in force after what changes was shown", async () => {
    const calls = governance({ [`POST ${base}/qa.triggers/versions/2:activate`]: version(2, true, 9) });
    const { user } = await open("/governance/qa.triggers");
    await user.click(await screen.findByRole("button", { name: "Put in force…" }));
    const dialog = screen.getByRole("dialog", { name: "Put version 2 in force" });
    expect(within(dialog).getByText(/Cases that exist keep the version/)).toBeVisible();
    expect(
      within(dialog).getByRole("row", { name: "Changed triggers › TIME.RESP_CRIT › threshold 10 9" }),
    ).toBeVisible();
    expect(calls.some((c) => c.method === "POST")).toBe(false);
    await user.click(within(dialog).getByRole("button", { name: "Put in force" }));
    expect(await screen.findByText("Version 2 of QA triggers is in force")).toBeVisible();
    expect(screen.queryByRole("dialog", { name: /in force/ })).not.toBeInTheDocument();
  });

  it("stays as it is when the server refuses, and says why", async () => {
    governance({
      [`POST ${base}/qa.triggers/versions/2:activate`]: refuse(
        400,
        "POLICY_VERSION_ACTIVE",
        "this version is in force already",
      ),
    });
    const { user } = await open("/governance/qa.triggers");
    await user.click(await screen.findByRole("button", { name: "Put in force…" }));
    await user.click(
      within(screen.getByRole("dialog", { name: /in force/ })).getByRole("button", { name: "Put in force" }),
    );
    expect(await screen.findByText(/this version is in force already/)).toBeVisible();
  });

  it("offers nothing to change to who only reads", async () => {
    const reader = { ...founder, scopes: (founder.scopes ?? []).filter((s) => s !== "governance:write") };
    governance({ "GET /api/me": reader });
    await open("/governance/qa.triggers");
    expect(await screen.findByRole("table", { name: /What differs/ })).toBeVisible();
    expect(screen.queryByRole("button", { name: "Put in force…" })).not.toBeInTheDocument();
    expect(screen.queryByRole("link", { name: "New version" })).not.toBeInTheDocument();
  });

  it("chooses the pair that matters", () => {
    const v = (n: number, active = false) => ({ version: n, active });
    expect(defaultPair([v(3), v(2, true), v(1)])).toEqual([2, 3]);
    expect(defaultPair([v(2, true), v(1)])).toEqual([1, 2]);
    expect(defaultPair([v(1, true)])).toEqual([1, 1]);
    expect(defaultPair([v(3), v(2), v(1, true)])).toEqual([1, 3]);
  });
});

describe("a new version", () => {
  const address = "/governance/qa.triggers/new";
  const edit = (text: string) =>
    fireEvent.change(screen.getByLabelText("Document (JSON)"), { target: { value: text } });
  const document =
    '{\n  "pediatricUnderYears": 16,\n  "triggers": {"TIME.RESP_CRIT": {"threshold": 10, "unit": "min"}}\n}';

  it("begins as the one in force, shows what was changed, and is made with a reason", async () => {
    const calls = governance({ [`POST ${base}/qa.triggers/versions`]: { status: 201, body: version(3, false, 10) } });
    const { user, router, container } = await open(address);
    const text = (await screen.findByLabelText<HTMLTextAreaElement>("Document (JSON)")).value;
    expect(JSON.parse(text)).toEqual(version(1, true, 10).document);
    expect(screen.getByText("Nothing is changed yet")).toBeVisible();
    await expectAccessible(container);
    edit(document);
    expect(await screen.findByRole("row", { name: "Changed pediatricUnderYears 18 16" })).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Make version" }));
    expect(await screen.findByText("Say why this version is made")).toBeVisible();
    expect(calls.some((c) => c.method === "POST")).toBe(false);
    await user.type(screen.getByLabelText("Why"), "State rule.");
    await user.click(screen.getByRole("button", { name: "Make version" }));
    expect(await screen.findByText("Version 3 was made")).toBeVisible();
    expect(calls.find((c) => c.method === "POST")?.body).toEqual({
      document: JSON.parse(document) as unknown,
      comment: "State rule.",
    });
    expect(router.state.location.pathname).toBe("/governance/qa.triggers");
  }, 60_000);

  it("names the line of what is no JSON", async () => {
    governance();
    const { user } = await open(address);
    await screen.findByLabelText("Document (JSON)");
    edit('{\n  "a": 1,\n  b\n}');
    expect(await screen.findByText(/^Line 3: not JSON here|^Not JSON/)).toBeVisible();
    expect(screen.getByText("Cannot be told while the text is not JSON")).toBeVisible();
    await user.type(screen.getByLabelText("Why"), "x");
    await user.click(screen.getByRole("button", { name: "Make version" }));
    expect(screen.queryByText(/was made/)).not.toBeInTheDocument();
    expect(syntaxError("[1]")).toMatch(/object/);
    expect(syntaxError("{}")).toBeNull();
  });

  it("shows each violation with its line, and goes there", async () => {
    governance({
      [`POST ${base}/qa.triggers/versions`]: refuse(
        400,
        "POLICY_INVALID",
        "the document does not fit the schema of qa.triggers",
        [
          {
            field: "/document/triggers/TIME.RESP_CRIT/threshold",
            rule: "jsonschema.minimum",
            message: "minimum: got 0, want 1",
          },
          { field: "/document", rule: "jsonschema.required", message: "missing property 'priority'" },
        ],
      ),
    });
    const { user } = await open(address);
    await screen.findByLabelText("Document (JSON)");
    edit(document.replace("10", "0"));
    await user.type(screen.getByLabelText("Why"), "x");
    await user.click(screen.getByRole("button", { name: "Make version" }));
    expect(await screen.findByText("The document does not fit its schema in 2 places")).toBeVisible();
    expect(screen.getByText("/triggers/TIME.RESP_CRIT/threshold")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Line 3" }));
    const area = screen.getByLabelText<HTMLTextAreaElement>("Document (JSON)");
    expect(area).toHaveFocus();
    expect(area.value.slice(area.selectionStart, area.selectionStart + 2)).toBe("0,");
  });
});
