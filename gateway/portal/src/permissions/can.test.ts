import { describe, expect, test } from "vitest";
import { roles } from "@fleet/permissions";
import { person, founderFor } from "@/test/people";
import { judge, mayEver } from "./can";

const none = { agencyId: null, reason: null };

describe("what the caller may do", () => {
  test("a scope of a role that the token holds permits", () => {
    expect(judge("CaseService_ListCases", person("qa_reviewer"), none)).toEqual({ allowed: true });
  });

  test("a scope without a role, and a role without the scope, do not", () => {
    const reviewer = person("qa_reviewer");
    expect(judge("CaseService_ListCases", { ...reviewer, roles: ["billing_staff"] }, none).allowed).toBe(false);
    expect(judge("CaseService_ListCases", { ...reviewer, scopes: [] }, none).allowed).toBe(false);
  });

  test("a module that is off refuses and is named", () => {
    const me = person("qa_reviewer", { modules: ["clinical"] });
    expect(judge("CaseService_ListCases", me, none)).toEqual({ allowed: false, why: "module", detail: "qa" });
  });

  test("a workspace is closed while it is not known to be open", () => {
    const me = person("compliance_officer", { workspaces: [{ workspace: "dea", reason: "UNKNOWN" }] });
    expect(judge("DeaService_ListDeaMetadata", me, none)).toMatchObject({ allowed: false, why: "workspace" });
  });

  test("a founder without an agency is asked for one, or for a reason", () => {
    const founder = person("founder");
    expect(judge("DeaService_CreateDeaMetadata", founder, none)).toMatchObject({ why: "agency" });
    expect(judge("CaseService_ListCases", founder, none)).toMatchObject({ why: "reason" });
    expect(judge("CaseService_ListCases", founder, { agencyId: null, reason: "monthly review" }).allowed).toBe(true);
    expect(judge("DeaService_CreateDeaMetadata", founder, { agencyId: null, reason: "monthly review" })).toMatchObject({
      why: "agency",
    });
    expect(judge("DeaService_CreateDeaMetadata", founderFor(), { agencyId: "1", reason: null }).allowed).toBe(true);
    expect(mayEver("CaseService_ListCases", founder, none)).toBe(true);
  });

  test("a closed workspace closes nothing outside of it", () => {
    const me = person("agency_administrator", {
      workspaces: [{ workspace: "dea", visible: false, reason: "NO_GRANT" }],
    });
    expect(judge("PersonService_ListPeople", me, none).allowed).toBe(true);
    expect(judge("DeaService_ListDeaMetadata", me, none).allowed).toBe(false);
  });

  test("importing charts is for those whom the table lets", () => {
    for (const role of roles.filter((r) => !r.machine)) {
      const may = mayEver("ChartService_ImportCharts", person(role.name), none);
      expect([role.name, may]).toEqual([role.name, role.scopes.includes("epcr:import")]);
    }
  });
});
