import type { Schema } from "@/api";
import type { Tone } from "@/ui";

export type Claim = Schema<"v1Claim">;
export type ClaimState = NonNullable<Claim["state"]>;
export type MissingItem = Schema<"v1MissingItem">;
export type Payer = Schema<"v1Payer">;

export const stateNames: Readonly<Record<ClaimState, string>> = {
  STATE_DRAFT: "Incomplete",
  STATE_READY: "Ready",
  STATE_NO_BILL: "No bill",
};

export const stateTones: Readonly<Record<ClaimState, Tone>> = {
  STATE_DRAFT: "warning",
  STATE_READY: "success",
  STATE_NO_BILL: "neutral",
};

/** What can be missing, in the order in which a biller works. */
const missing: Readonly<Record<string, string>> = {
  SERVICE_DATE_MISSING: "Date of service",
  TRANSPORT_DISPOSITION_MISSING: "Transport disposition",
  LEVEL_OF_CARE_MISSING: "Level of care",
  PICKUP_ZIP_MISSING: "Pickup ZIP code",
  MILES_MISSING: "Loaded miles",
  ORIGIN_MISSING: "Origin modifier",
  DESTINATION_MISSING: "Destination modifier",
  PATIENTS_TRANSPORTED_MISSING: "Patients transported",
  DIAGNOSIS_MISSING: "Diagnosis",
  NAME_MISSING: "Patient name",
  BIRTH_DATE_MISSING: "Date of birth",
  ADDRESS_MISSING: "Home address",
  SEX_MISSING: "Sex",
  PAYER_MISSING: "Payer",
  PAYER_TYPE_MISSING: "Payer type",
  PRIMARY_PAYER_MISSING: "Primary payer",
  POLICY_NUMBER_MISSING: "Policy number",
  SIGNATURE_MISSING: "Billing signature",
  PCS_MISSING: "Physician certification",
  PCS_DATE_MISSING: "Certification date",
  PCS_TOO_OLD: "Certification too old",
  PCS_TOO_LATE: "Certification too late",
  PCS_SIGNER_MISSING: "Certification signer",
  PCS_SIGNER_NOT_PERMITTED: "Certification signer not permitted",
};

export const missingCodes: readonly string[] = Object.keys(missing);

export const missingName = (code: string | undefined): string => missing[code ?? ""] ?? code ?? "";

const noBills: Readonly<Record<string, string>> = {
  CANCELLED: "Cancelled",
  NO_PATIENT: "No patient",
  OTHER_UNIT_TRANSPORTED: "Another unit transported",
  NON_PATIENT_SERVICE: "No patient service",
  STANDBY: "Stand-by",
  PUBLIC_ASSIST: "Public assist",
  WHEELCHAIR_VAN: "Wheelchair van",
  PATIENT_REFUSED: "Patient refused",
  NO_TRANSPORT: "No transport",
};

export const noBillName = (code: string | undefined): string => noBills[code ?? ""] ?? code ?? "";

/** HCPCS Level II of ambulance services. */
const hcpcs: Readonly<Record<string, string>> = {
  A0425: "Ground mileage",
  A0426: "ALS1 non-emergency",
  A0427: "ALS1 emergency",
  A0428: "BLS non-emergency",
  A0429: "BLS emergency",
  A0430: "Fixed wing",
  A0431: "Rotor wing",
  A0432: "Paramedic intercept",
  A0433: "ALS2",
  A0434: "Specialty care transport",
  A0435: "Fixed wing mileage",
  A0436: "Rotor wing mileage",
};

export const hcpcsName = (code: string | undefined): string => hcpcs[code ?? ""] ?? "";

/** The letters of an origin and destination modifier. */
const places: Readonly<Record<string, string>> = {
  D: "Diagnostic or therapeutic site, other than P or H",
  E: "Residential, domiciliary or custodial facility",
  G: "Hospital-based dialysis facility",
  H: "Hospital",
  I: "Site of transfer between modes of ambulance",
  J: "Freestanding dialysis facility",
  N: "Skilled nursing facility",
  P: "Physician's office",
  R: "Residence",
  S: "Scene of accident or acute event",
  X: "Stop at a physician's office on the way to a hospital",
};

export const unknownPlace = "?";

export const placeName = (letter: string | undefined): string =>
  letter === unknownPlace ? "Not told by the chart" : (places[letter ?? ""] ?? "");

const modifiers: Readonly<Record<string, string>> = {
  GM: "More than one patient on one trip",
  QL: "Patient pronounced dead after the ambulance was called",
  QM: "Provided under arrangement by a provider of services",
  QN: "Furnished directly by a provider of services",
};

export const modifierName = (code: string): string => modifiers[code] ?? "";

/** Claim filing indicator codes of SBR09. */
const payers: Readonly<Record<string, string>> = {
  "11": "Other non-federal program",
  "12": "Preferred provider organization",
  "13": "Point of service",
  "14": "Exclusive provider organization",
  "15": "Indemnity insurance",
  "16": "Medicare HMO (risk)",
  "17": "Dental maintenance organization",
  AM: "Automobile medical",
  BL: "Blue Cross Blue Shield",
  CH: "TRICARE (CHAMPUS)",
  CI: "Commercial insurance",
  DS: "Disability",
  FI: "Federal Employees Program",
  HM: "HMO",
  LM: "Liability medical",
  MA: "Medicare Part A",
  MB: "Medicare Part B",
  MC: "Medicaid",
  OF: "Other federal program",
  TV: "Title V",
  VA: "Veterans Affairs",
  WC: "Workers' compensation",
  ZZ: "Mutually defined",
};

export const payerName = (indicator: string | undefined): string => payers[indicator ?? ""] ?? indicator ?? "";

const relationships: Readonly<Record<string, string>> = {
  "2622001": "Self",
  "2622003": "Spouse",
  "2622005": "Child or dependent",
  "2622009": "Cadaver donor",
  "2622011": "Employee",
  "2622013": "Life or domestic partner",
  "2622015": "Organ donor",
  "2622017": "Unknown",
  "2622019": "Other relationship",
};

export const relationshipName = (code: string | undefined): string => relationships[code ?? ""] ?? code ?? "";

/** Miles as they are claimed, from tenths. */
export const miles = (tenths: number | undefined): string => (tenths === undefined ? "" : (tenths / 10).toFixed(1));
