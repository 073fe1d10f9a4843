import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { fleet, userNamed } from "./fleet.ts";
import { freshCode } from "./totp.ts";

const file = join(fleet.dir, "browser", "protected.json");

/** Elements of NEMSIS that tell who a patient is or what a record is known by: names, birth date, address, telephone, numbers, narrative. */
const elements = [
  "ePatient.01", "ePatient.02", "ePatient.03", "ePatient.05", "ePatient.12", "ePatient.17", "ePatient.18",
  "ePayment.15", "ePayment.18", "ePayment.19", "ePayment.20", "ePayment.21", "eRecord.01", "eResponse.03", "eResponse.04", "eNarrative.01",
];

async function tokenOf(login: string): Promise<string> {
  const body = new URLSearchParams({
    grant_type: "password", client_id: "fusionems-demo", username: login, password: fleet.password, totp: await freshCode(login),
  });
  const response = await fetch(`${fleet.issuer}/protocol/openid-connect/token`, { method: "POST", body });
  if (!response.ok) throw new Error(`token of ${login}: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { access_token: string }).access_token;
}

async function chartsOf(login: string): Promise<string[]> {
  const headers = { Authorization: `Bearer ${await tokenOf(login)}` };
  const get = async (path: string) => {
    const response = await fetch(fleet.gateway + path, { headers });
    if (!response.ok) throw new Error(`GET ${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  const { charts } = (await (await get("/api/clinical/charts?pageSize=500")).json()) as { charts: { id: string }[] };
  return Promise.all(charts.map(async ({ id }) => (await get(`/api/clinical/charts/${id}/nemsis`)).text()));
}

/** The values of one document that must never show where they are kept or passed on. */
function valuesOf(document: string): string[] {
  return elements.flatMap((element) => {
    const found = document.matchAll(new RegExp(`<${element.replace(".", "\\.")}\\b[^>]*>([^<]+)</`, "g"));
    return Array.from(found, (match) => (match[1] ?? "").trim());
  });
}

/** Collects what is protected in the demo charts of both agencies, once in a run. */
export async function collectProtected(): Promise<void> {
  const logins = fleet.users.filter((u) => u.roles.includes("clinical_supervisor")).map((u) => userNamed(u.name).name);
  const documents = (await Promise.all(logins.map(chartsOf))).flat();
  // Shorter ones are words of any page ("Ray"): they would be found where they mean nothing.
  const values = [...new Set(documents.flatMap(valuesOf))].filter((value) => value.length >= 5);
  if (documents.length < 20 || values.length < 50) throw new Error(`only ${documents.length} charts with ${values.length} values`);
  mkdirSync(join(fleet.dir, "browser"), { recursive: true });
  writeFileSync(file, JSON.stringify(values));
}

let known: readonly string[] | undefined;

/** The protected values that a text holds. */
export function protectedIn(text: string): string[] {
  known ??= existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as string[]) : [];
  if (known.length === 0) throw new Error("the protected values were not collected");
  let plain = text;
  try {
    plain = decodeURIComponent(text.replaceAll("+", " "));
  } catch {
    // Not percent-encoded after all.
  }
  return known.filter((value) => text.includes(value) || plain.includes(value));
}
