import { operations } from "@fleet/permissions";

/** What the verb of a method means to those who read the log. */
const verbs: Readonly<Record<string, string>> = {
  Get: "Read",
  List: "List",
  Search: "Search",
  Create: "Create",
  Update: "Change",
  Delete: "Retire",
  Import: "Import",
  Export: "Export",
  Run: "Run",
  Activate: "Put in force",
  Acknowledge: "Acknowledge",
  Snooze: "Snooze",
  Verify: "Verify",
  Revoke: "Revoke",
  Grant: "Grant",
  Assign: "Assign",
  End: "End",
  Extend: "Extend",
  Raise: "Raise",
};

/** Where the parts of a method's name do not make a sentence. */
const whole: Readonly<Record<string, string>> = {
  "fleet.agency.v1.MeService/GetMe": "Read own identity",
  "fleet.agency.v1.ModuleService/UpdateModule": "Switch module",
  "fleet.clinical.v1.ChartService/GetChartNemsis": "Read raw NEMSIS document",
  "fleet.clinical.v1.PersonnelService/ListPersonnel": "List crew ids",
  "fleet.clinical.v1.PersonnelService/UpdatePersonnel": "Bind crew ids",
  "fleet.audit.v1.EventService/ListEvents": "Search audit log",
  "fleet.audit.v1.EventService/GetEvent": "Read audit entry",
  "fleet.audit.v1.EventService/GetInclusionProof": "Prove audit entry",
  "fleet.audit.v1.EventService/GetConsistencyProof": "Prove growth of audit log",
  "fleet.audit.v1.EventService/GetCheckpoint": "Read checkpoint",
  "fleet.gateway.v1.SessionService/SignIn": "Sign in",
  "fleet.gateway.v1.SessionService/StepUp": "Confirm with second factor",
  "fleet.gateway.v1.SessionService/EndSession": "End session",
  "fleet.gateway.v1.SessionService/EndOtherSessions": "End other sessions",
};

/** Verbs of methods that are about all records at once. */
const many = new Set(["List", "Export"]);

const upper = new Set(["dea", "cms", "qa", "nemsis", "npi", "ai"]);

const split = (name: string) => name.match(/[A-Z]+(?![a-z])|[A-Z][a-z0-9]*/g) ?? [name];

/** The name of the method alone, e.g. "CaseService/UpdateCase". */
export const shortAction = (action: string): string => action.replace(/^fleet\.[a-z]+\.v\d+\./, "");

/** An action in words: "fleet.qa.v1.CaseService/UpdateCase" is "Change case". */
export function actionWords(action: string): string {
  const known = whole[action];
  if (known) return known;
  const [verb = "", ...object] = split(action.slice(action.lastIndexOf("/") + 1));
  const words = object.map((word) => {
    if (upper.has(word.toLowerCase())) return word.toUpperCase();
    // What the API calls metadata, people call a record.
    if (word === "Metadata") return many.has(verb) ? "records" : "record";
    return word.toLowerCase();
  });
  return [verbs[verb] ?? verb, ...words].filter(Boolean).join(" ") || action;
}

/** Services by what they are for. */
export const serviceNames: Readonly<Record<string, string>> = {
  agency: "Agencies, people and modules",
  audit: "Audit and governance",
  billing: "Billing",
  clinical: "Clinical",
  compliance: "Compliance",
  gateway: "Sign-in and sessions",
  qa: "Quality",
  reporting: "Reporting",
};

export interface ActionChoice {
  readonly value: string;
  readonly label: string;
}

/** What can be searched for: each service, and each method that people call. */
export const actionChoices: readonly ActionChoice[] = [
  ...Object.entries(serviceNames).map(([name, label]) => ({ value: `fleet.${name}.`, label: `All of ${label}` })),
  ...Object.values(operations)
    .map(({ method }) => ({ value: method.slice(1), label: actionWords(method.slice(1)) }))
    .sort((a, b) => a.label.localeCompare(b.label)),
];

export const outcomeWords = {
  OUTCOME_SUCCESS: { label: "Done", tone: "success" },
  OUTCOME_DENIED: { label: "Refused", tone: "warning" },
  OUTCOME_ERROR: { label: "Failed", tone: "danger" },
} as const;

export const actorKinds: Readonly<Record<string, string>> = {
  human: "Person",
  ai: "AI agent",
  integration: "Machine client",
  service: "Service of the fleet",
};
