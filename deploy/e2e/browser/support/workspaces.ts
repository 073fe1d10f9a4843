import type { Page } from "@playwright/test";

import { call, must } from "./api.ts";
import { fleet } from "./fleet.ts";

export type WorkspaceName = "dea" | "cms";

/** A calendar date so many days from today. */
export function day(days: number): { year: number; month: number; day: number } {
  const at = new Date(Date.now() + days * 86_400_000);
  return { year: at.getUTCFullYear(), month: at.getUTCMonth() + 1, day: at.getUTCDate() };
}

/** The same as a date field shows it. */
export function isoDay(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}

/** A DEA number whose check digit holds, after its six digits. */
export function deaNumber(letters: string, digits: string): string {
  const d = (i: number) => Number(digits[i]);
  return `${letters}${digits}${(d(0) + d(2) + d(4) + 2 * (d(1) + d(3) + d(5))) % 10}`;
}

/** Goes to any page of the portal, so that its API can be called. */
async function atHome(page: Page): Promise<void> {
  if (!page.url().startsWith(fleet.gateway)) await page.goto("/account");
}

/** Lets the signed-in person into a workspace. */
export async function acknowledge(page: Page, workspace: WorkspaceName): Promise<void> {
  await atHome(page);
  const notice = await must(page, "GET", `/api/${workspace}/notice`);
  if (!notice.acknowledged) await must(page, "POST", `/api/${workspace}/notice:acknowledge`, { version: notice.version, sha256: notice.sha256 });
}

const activity = "BUSINESS_ACTIVITY_EMS_AGENCY";
const looked = { lastVerifiedDate: day(-20), verificationSource: "VERIFICATION_SOURCE_DEA_VALIDATION" };
const lookedUp = { lastVerifiedDate: day(-20), verificationSource: "VERIFICATION_SOURCE_PECOS" };

/** Records of every status, each with the request id under which it is made once. */
const samples: Record<WorkspaceName, [string, object][]> = {
  dea: [
    ["0190b000-0000-7000-8000-0000000000d1", { registrantName: "Lakeshore Ambulance", deaRegistrationNumber: deaNumber("FL", "204811"), authorizedSchedules: ["II", "IIN", "III", "IV"], businessActivity: activity, registeredState: "WI", stationhouse: "Station 1, Headquarters", issueDate: day(-600), expirationDate: day(495), renewalDueDate: day(435), ...looked }],
    ["0190b000-0000-7000-8000-0000000000d2", { registrantName: "Lakeshore Ambulance North", deaRegistrationNumber: deaNumber("FL", "317264"), authorizedSchedules: ["II", "IV"], businessActivity: activity, registeredState: "WI", stationhouse: "Station 4", issueDate: day(-1070), expirationDate: day(25), ...looked }],
    ["0190b000-0000-7000-8000-0000000000d3", { registrantName: "Lakeshore Air", deaRegistrationNumber: deaNumber("FL", "550193"), authorizedSchedules: ["II", "III", "IV"], businessActivity: activity, registeredState: "IL", stationhouse: "Hangar 2", issueDate: day(-1100), expirationDate: day(-5) }],
    ["0190b000-0000-7000-8000-0000000000d4", { registrantName: "Lakeshore Ambulance West", deaRegistrationNumber: deaNumber("FL", "660218"), authorizedSchedules: ["II"], businessActivity: activity, registeredState: "WI", stationhouse: "Station 9, under construction" }],
  ],
  cms: [
    ["0190b000-0000-7000-8000-0000000000c1", { supplierName: "Lakeshore Ambulance Service, Inc.", npiReference: "1234567893", ptanReference: "Q204811", enrollmentState: "WI", pecosEnrollmentId: "O20240101000123", macIdentifier: "06102", effectiveDate: day(-900), revalidationDueDate: day(700), payerParticipation: [{ payerId: "00120", status: "STATUS_PARTICIPATING", effectiveDate: day(-900) }], ...lookedUp }],
    ["0190b000-0000-7000-8000-0000000000c2", { supplierName: "Lakeshore Ambulance of Illinois, LLC", npiReference: "1245319599", enrollmentState: "IL", effectiveDate: day(-1500), revalidationDueDate: day(40), payerParticipation: [] }],
  ],
};

/** Puts records of every status into a workspace, with their alerts, a note and the audit log that comes of it. Safe to repeat. */
export async function fill(page: Page, workspace: WorkspaceName): Promise<void> {
  await acknowledge(page, workspace);
  for (const [requestId, record] of samples[workspace]) {
    const answer = await call(page, "POST", `/api/${workspace}/metadata?requestId=${requestId}`, record);
    // 409: made before midnight, with other dates.
    if (answer.status !== 200 && answer.status !== 201 && answer.status !== 409) throw new Error(JSON.stringify(answer));
  }
  const notes = await must(page, "GET", `/api/${workspace}/compliance-note`);
  if (!notes.notes?.length) {
    await must(page, "POST", `/api/${workspace}/compliance-note`, {
      text: "Renewal forms were ordered by telephone; the reference is in the binder at headquarters.",
      visibility: "VISIBILITY_COMPLIANCE",
    });
  }
}

/** Id of a record of the workspace. */
export async function recordOf(page: Page, workspace: WorkspaceName): Promise<string> {
  const { metadata } = await must(page, "GET", `/api/${workspace}/metadata?pageSize=1`);
  return metadata[0].id as string;
}
