import { formatDate } from "@/time";
import { miles, missingCodes, missingName, payerName, unknownPlace, type Claim, type MissingItem } from "./words";

/** One thing that a claim needs: in order, missing, or no part of this claim. */
export interface Check {
  readonly label: string;
  readonly state: "there" | "missing" | "notNeeded";
  /** What is there, when the claim shows it. */
  readonly value: string;
  /** What to do about each thing that is missing. */
  readonly todo: readonly MissingItem[];
}

export interface Group {
  readonly label: string;
  readonly checks: readonly Check[];
}

interface Need {
  readonly label: string;
  readonly codes: readonly string[];
  readonly value?: (claim: Claim) => string;
  /** Whether the claim can need it at all. */
  readonly needed?: (claim: Claim) => boolean;
}

/** A patient who died before loading was not driven: base rate, no mileage, no place. */
const driven = (claim: Claim) => (claim.originDestinationModifier ?? "") !== "";
/** What is asked about insurances is nothing where there is none. */
const insured = (claim: Claim) => (claim.payers ?? []).length > 0;
const side = (claim: Claim, at: number) => {
  const letter = claim.originDestinationModifier?.[at];
  return letter && letter !== unknownPlace ? letter : "";
};

const needs: readonly { label: string; needs: readonly Need[] }[] = [
  {
    label: "Service",
    needs: [
      {
        label: "Date of service",
        codes: ["SERVICE_DATE_MISSING"],
        value: (c) => (c.serviceDate ? formatDate(c.serviceDate) : ""),
      },
      { label: "Who transported", codes: ["TRANSPORT_DISPOSITION_MISSING"] },
      { label: "Level of care", codes: ["LEVEL_OF_CARE_MISSING"] },
      { label: "Diagnosis", codes: ["DIAGNOSIS_MISSING"], value: (c) => c.diagnoses?.[0] ?? "" },
    ],
  },
  {
    label: "Trip",
    needs: [
      { label: "Pickup ZIP code", codes: ["PICKUP_ZIP_MISSING"], value: (c) => c.pickupZip ?? "" },
      { label: "Loaded miles", codes: ["MILES_MISSING"], value: (c) => miles(c.mileage?.milesTenths), needed: driven },
      { label: "Origin", codes: ["ORIGIN_MISSING"], value: (c) => side(c, 0), needed: driven },
      { label: "Destination", codes: ["DESTINATION_MISSING"], value: (c) => side(c, 1), needed: driven },
      { label: "Patients transported", codes: ["PATIENTS_TRANSPORTED_MISSING"], needed: driven },
    ],
  },
  {
    label: "Patient",
    needs: [
      { label: "Name", codes: ["NAME_MISSING"] },
      { label: "Date of birth", codes: ["BIRTH_DATE_MISSING"] },
      { label: "Home address", codes: ["ADDRESS_MISSING"] },
      { label: "Sex", codes: ["SEX_MISSING"] },
    ],
  },
  {
    label: "Payer",
    needs: [
      {
        label: "Payer",
        codes: ["PAYER_MISSING"],
        value: (c) => (insured(c) ? payerName(c.payers?.[0]?.claimFilingIndicator) : "No insurance"),
      },
      { label: "Payer type", codes: ["PAYER_TYPE_MISSING"], needed: insured },
      { label: "Primary payer", codes: ["PRIMARY_PAYER_MISSING"], needed: insured },
      { label: "Policy number", codes: ["POLICY_NUMBER_MISSING"], needed: insured },
    ],
  },
  {
    label: "Signatures",
    needs: [
      { label: "Billing signature", codes: ["SIGNATURE_MISSING"] },
      {
        label: "Physician certification",
        codes: [
          "PCS_MISSING",
          "PCS_DATE_MISSING",
          "PCS_TOO_OLD",
          "PCS_TOO_LATE",
          "PCS_SIGNER_MISSING",
          "PCS_SIGNER_NOT_PERMITTED",
        ],
      },
    ],
  },
];

/** Everything a claim needs, with what is there and what is not. A code that the list does not know stands by itself at the end. */
export function checklist(claim: Claim): Group[] {
  const missing = claim.missing ?? [];
  const groups: Group[] = needs.map((group) => ({
    label: group.label,
    checks: group.needs.map((need) => check(need, claim, missing)),
  }));
  const known = new Set(needs.flatMap((g) => g.needs).flatMap((n) => n.codes));
  const others = missing.filter((m) => !known.has(m.code ?? ""));
  if (others.length === 0) return groups;
  return [
    ...groups,
    {
      label: "Other",
      checks: others.map((m) => ({ label: missingName(m.code), state: "missing" as const, value: "", todo: [m] })),
    },
  ];
}

function check(need: Need, claim: Claim, missing: readonly MissingItem[]): Check {
  const todo = missing.filter((m) => need.codes.includes(m.code ?? ""));
  if (todo.length > 0) return { label: need.label, state: "missing", value: "", todo };
  if (need.needed && !need.needed(claim)) return { label: need.label, state: "notNeeded", value: "", todo };
  return { label: need.label, state: "there", value: need.value?.(claim) ?? "", todo };
}

/** How much of it is in order. */
export function progress(groups: readonly Group[]): { there: number; needed: number } {
  const checks = groups.flatMap((g) => g.checks).filter((c) => c.state !== "notNeeded");
  return { there: checks.filter((c) => c.state === "there").length, needed: checks.length };
}

/** The known codes of what can be missing, and those that somebody filters by besides. */
export function missingOptions(chosen: string | undefined): { value: string; label: string }[] {
  const codes = chosen && !missingCodes.includes(chosen) ? [...missingCodes, chosen] : missingCodes;
  return codes.map((code) => ({ value: code, label: missingName(code) }));
}
