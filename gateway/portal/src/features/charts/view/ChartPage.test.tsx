import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { refuse, serve, type Handler } from "@/test/api";
import { founderFor, person } from "@/test/people";
import { expectAccessible, open } from "@/test/render";
import type { Me } from "@/permissions";
import { stemi } from "./facts.test-data";

const id = stemi.id ?? "";
const policy = {
  "GET /api/governance/policies": { policies: [{ key: "qa.triggers", activeVersion: 3 }] },
  "GET /api/governance/policies/qa.triggers/versions/3": {
    key: "qa.triggers",
    version: 3,
    document: {
      triggers: {
        "TIME.RESP_CRIT": { enabled: true, threshold: 10 },
        "TIME.SCENE_CRIT": { enabled: true, threshold: 35 },
      },
    },
  },
};

async function page(me: Me, routes: Record<string, Handler | object> = {}) {
  const calls = serve({ "GET /api/me": me, [`GET /api/clinical/charts/${id}`]: stemi, ...routes });
  const view = await open(`/charts/${id}${me.roles?.includes("founder") ? "?agency=1" : ""}`);
  await screen.findByRole("heading", { level: 1, name: "55001-0042" });
  const row = async (table: string, name: RegExp) =>
    within(await screen.findByRole("table", { name: table })).getByRole("row", { name });
  return { ...view, calls, row };
}

describe("Chart", () => {
  it("shows values, not values and pertinent negatives as what they are", async () => {
    const { container, row, user } = await page(person("clinical_supervisor"));
    expect(await row("Medications", /M1/)).toHaveTextContent("324 Milligrams (mg), Oral");
    expect(await row("Medications", /M2/)).toHaveTextContent("Not givenRefused");
    expect(await row("Medications", /M3/)).toHaveTextContent("Before this unit's care");
    const acuity = screen.getByText("Acuity at release").parentElement;
    expect(acuity).toHaveTextContent("Not recorded");
    expect(document.title).not.toContain("55001");
    await user.click(screen.getByRole("tab", { name: "Table" }));
    const second = await row("Vital signs", /10:30:00/);
    expect(second).toHaveTextContent("Pertinent negative: Refused");
    expect(second).toHaveTextContent("Not recorded");
    await expectAccessible(container);
  });

  it("holds intervals against the policy in force for those who may read it", async () => {
    const { row } = await page(founderFor(), { ...policy, "GET /api/qa/cases": { cases: [] } });
    expect(await row("Intervals against their limits", /^Response/)).toHaveTextContent("2 min over");
    expect(await row("Intervals against their limits", /On scene/)).toHaveTextContent("Within limit");
    expect(await row("Intervals against their limits", /Turnaround/)).toHaveTextContent(
      /Not usable.*Times out of order, or more than a day apart/,
    );
    expect(screen.getByText(/version 3, in force/)).toBeVisible();
  });

  it("holds them against what the case was judged under for reviewers", async () => {
    const fired = {
      code: "TIME.RESP_CRIT",
      chartId: id,
      measuredValue: 12,
      threshold: 11,
      unit: "min",
      ruleVersion: 2,
    };
    const { row, calls } = await page(person("qa_reviewer"), {
      "GET /api/qa/cases": { cases: [{ id: "c", triggers: [fired] }] },
    });
    expect(await row("Intervals against their limits", /^Response/)).toHaveTextContent("1 min over");
    expect(await row("Intervals against their limits", /On scene/)).toHaveTextContent("No trigger fired");
    expect(calls.some((c) => c.path.startsWith("/api/governance"))).toBe(false);
  });

  it("says that limits are not visible to crews, and asks for none", async () => {
    const { row, calls } = await page(person("clinical_staff"));
    expect(await row("Intervals against their limits", /^Response/)).toHaveTextContent("Not visible");
    expect(screen.getByText("Limits are not visible for your role.")).toBeVisible();
    expect(calls.every((c) => !/qa|governance/.test(c.path))).toBe(true);
  });

  it("opens the document on demand only, at the line of a finding, and forgets it", async () => {
    const document_ = [
      "<EMSDataSet>",
      ...Array.from({ length: 20 }, (_, i) => `  <line${i + 2}/>`),
      "</EMSDataSet>",
    ].join("\n");
    const { user, calls } = await page(person("clinical_supervisor"), {
      [`GET /api/clinical/charts/${id}/nemsis`]: { text: document_, headers: { "Content-Type": "application/xml" } },
    });
    expect(calls.some((c) => c.path.endsWith("/nemsis"))).toBe(false);
    await user.click(screen.getByRole("button", { name: "Show line 12" }));
    const viewer = await screen.findByRole("region", { name: "Document" });
    expect(within(viewer).getByText("<line12/>", { exact: false })).toBeVisible();
    expect(calls.find((c) => c.path.endsWith("/nemsis"))?.headers.get("Accept")).toBe("application/xml");
    await user.click(screen.getByRole("button", { name: "Close" }));
    expect(screen.queryByRole("region", { name: "Document" })).toBeNull();
    await user.click(screen.getByRole("button", { name: "Show document" }));
    await screen.findByRole("region", { name: "Document" });
    expect(calls.filter((c) => c.path.endsWith("/nemsis"))).toHaveLength(2);
  });

  it("says what is the matter when the document cannot be read", async () => {
    const { user } = await page(person("clinical_supervisor"), {
      [`GET /api/clinical/charts/${id}/nemsis`]: refuse(503, "DEPENDENCY_UNAVAILABLE"),
    });
    await user.click(screen.getByRole("button", { name: "Show document" }));
    expect(await screen.findByRole("alert")).toHaveTextContent("A part of the system is away");
  });

  it("says not found for another agency's chart", async () => {
    serve({
      "GET /api/me": person("clinical_supervisor"),
      [`GET /api/clinical/charts/${id}`]: refuse(404, "CHART_NOT_FOUND", "there is no such chart"),
    });
    await open(`/charts/${id}`);
    await waitFor(() => expect(screen.getByRole("alert")).toHaveTextContent("Not found"));
  });
});
