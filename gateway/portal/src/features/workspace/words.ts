import type { Schema } from "@/api";
import type { Tone } from "@/ui/Status";

export type Status = "active" | "expiring" | "expired" | "pending" | "inactive" | "retired";

/** Status of a record, with what it means. */
export const statusWords: Record<Status, { label: string; tone: Tone }> = {
  active: { label: "Active", tone: "success" },
  expiring: { label: "Expiring", tone: "warning" },
  expired: { label: "Expired", tone: "danger" },
  pending: { label: "Pending", tone: "info" },
  inactive: { label: "Inactive", tone: "neutral" },
  retired: { label: "Retired", tone: "neutral" },
};

/** A status of the API; one that this build does not know is shown as pending. */
export const toStatus = (text: string | undefined): Status =>
  text && text in statusWords ? (text as Status) : "pending";

export const retireReasons: Record<Schema<"v1RetireReason">, string> = {
  RETIRE_REASON_SUPERSEDED: "Superseded by another record",
  RETIRE_REASON_SURRENDERED: "Surrendered by the agency",
  RETIRE_REASON_REVOKED: "Revoked by the authority",
  RETIRE_REASON_NOT_RENEWED: "Ran out and is not renewed",
  RETIRE_REASON_ENTERED_IN_ERROR: "Entered in error",
};

export const verificationSources: Record<Schema<"v1VerificationSource">, string> = {
  VERIFICATION_SOURCE_DEA_VALIDATION: "DEA registration validation",
  VERIFICATION_SOURCE_CERTIFICATE: "The certificate itself",
  VERIFICATION_SOURCE_NPPES: "NPPES NPI registry",
  VERIFICATION_SOURCE_PECOS: "PECOS",
  VERIFICATION_SOURCE_MAC_LETTER: "Letter of the administrative contractor",
};

export const alertKinds: Record<Schema<"v1AlertKind">, string> = {
  KIND_EXPIRATION: "Registration expires",
  KIND_REVALIDATION: "Revalidation due",
  KIND_VERIFICATION: "Verification too old",
};

export const alertStates: Record<Schema<"v1AlertState">, { label: string; tone: Tone }> = {
  STATE_OPEN: { label: "Open", tone: "danger" },
  STATE_ACKNOWLEDGED: { label: "Acknowledged", tone: "info" },
  STATE_SNOOZED: { label: "Snoozed", tone: "neutral" },
  STATE_RESOLVED: { label: "Resolved", tone: "success" },
};

export const visibilities: Record<Schema<"ComplianceNoteVisibility">, string> = {
  VISIBILITY_COMPLIANCE: "Compliance only",
  VISIBILITY_AGENCY_ADMINISTRATOR: "Agency administrators too",
};

/** What a code is called; "" for one that says that nothing is known, as the API writes an absent code ("…_UNSPECIFIED"). */
export const wordOf = (words: Readonly<Record<string, string>>, code: string | undefined): string =>
  words[code ?? ""] ?? "";

/** The code for a form: "" where nothing is known. */
export const codeOf = (words: Readonly<Record<string, string>>, code: string | undefined): string =>
  code && code in words ? code : "";

/** Days from today to a date, both UTC: 0 is today, negative has passed. */
export function daysLeft(
  date: { year?: number; month?: number; day?: number } | undefined,
  now = Date.now(),
): number | undefined {
  if (!date?.year || !date.month || !date.day) return undefined;
  const midnight = Math.floor(now / 86_400_000) * 86_400_000;
  return Math.round((Date.UTC(date.year, date.month - 1, date.day) - midnight) / 86_400_000);
}

/** "in 12 days", "today", "3 days ago". */
export function inDays(days: number): string {
  if (days === 0) return "today";
  const n = Math.abs(days);
  const unit = n === 1 ? "day" : "days";
  return days > 0 ? `in ${n} ${unit}` : `${n} ${unit} ago`;
}
