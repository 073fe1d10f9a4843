import { roles } from "@fleet/permissions";
import type { Me } from "@/permissions";

const lakeshore = {
  id: "1",
  displayName: "Lakeshore EMS",
  stateUniqueId: "WI-001",
  agencyNumber: "55001",
  stateCode: "55",
  timeZone: "America/Chicago",
  state: "STATE_ACTIVE" as const,
};

/** The caller in a test: one role of the table with its scopes, working for an agency. */
export function person(role: string, over: Partial<Me> = {}): Me {
  const found = roles.find((r) => r.name === role);
  if (!found) throw new Error(`no role ${role}`);
  const me: Me = {
    subject: "0190aaaa-0000-7000-8000-000000000001",
    name: `lakeshore-${role}`,
    actor: "human",
    roles: [role],
    scopes: [...found.scopes],
    acr: "2",
    authTime: "2026-11-22T12:00:00Z",
    modules: ["clinical", "qa", "billing", "reporting", "compliance"],
    workspaces: [
      { workspace: "dea", visible: true, reason: "ROLE" },
      { workspace: "cms", visible: true, reason: "ROLE" },
    ],
  };
  if (!found.crossAgency) me.agency = lakeshore;
  return { ...me, ...over };
}

/** A founder who has chosen the agency above; render with `agency: "1"` as well. */
export function founderFor(agency = lakeshore): Me {
  return person("founder", { agency });
}
