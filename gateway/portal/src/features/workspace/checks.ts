/**
 * The rules of the fields of both workspaces, as the compliance service has them, so that a person sees while typing what saving
 * would refuse. The service decides; a rule that is missing here is only seen later.
 */

/** USPS codes of what an EMS agency can be registered in. */
export const states = (
  "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA " +
  "WV WI WY DC PR VI GU AS MP"
).split(" ");

/** 21 CFR 1308; N stands for the non-narcotic part of a schedule. */
export const schedules = ["II", "IIN", "III", "IIIN", "IV", "V"] as const;

export const maxText = 200;

/** What is wrong with a DEA registration number; undefined when nothing is. */
export function deaNumberProblem(value: string): string | undefined {
  const number = value.trim().toUpperCase();
  if (number === "") return "Enter the number on the certificate.";
  if (!/^[A-Z][A-Z9][0-9]{7}$/.test(number))
    return "Two letters (the second may be 9) and seven digits, e.g. FB1234563.";
  const d = (i: number) => Number(number[1 + i]);
  const sum = d(1) + d(3) + d(5) + 2 * (d(2) + d(4) + d(6));
  return sum % 10 === d(7)
    ? undefined
    : "The last digit does not follow from the six before it. Compare it with the certificate.";
}

/** The first letters that the DEA is known to give. */
const registrantTypes = "ABCDEFGHJKLMPRSTUX";

/** What is unusual about a number that is well formed; it can be saved all the same. */
export function deaNumberHints(value: string, registrantName: string): string[] {
  const number = value.trim().toUpperCase();
  if (deaNumberProblem(number)) return [];
  const hints = [];
  if (!registrantTypes.includes(number.charAt(0)))
    hints.push(`${number.charAt(0)} is no registrant type that the DEA is known to give.`);
  const initial = registrantName.trim().charAt(0).toUpperCase();
  const second = number.charAt(1);
  if (initial && second !== "9" && second !== initial) {
    hints.push(
      `The second letter is usually the first of the registrant's last or business name: ${second}, not ${initial}.`,
    );
  }
  return hints;
}

/** What is wrong with an NPI: Luhn over 80840 and the ten digits. */
export function npiProblem(value: string): string | undefined {
  const npi = value.trim();
  if (npi === "") return "Enter the NPI of the supplier.";
  if (!/^[12][0-9]{9}$/.test(npi)) return "Ten digits that begin with 1 or 2.";
  let sum = 0;
  const digits = Array.from(`80840${npi}`, Number);
  for (const [i, digit] of digits.entries()) {
    const d = digit * (i % 2 === 1 ? 2 : 1);
    sum += d > 9 ? d - 9 : d;
  }
  return sum % 10 === 0 ? undefined : "The last digit does not follow from the nine before it. Compare it with NPPES.";
}

export function ptanProblem(value: string): string | undefined {
  const ptan = value.trim().toUpperCase();
  if (ptan === "") return undefined;
  return /^[A-Z0-9]{5,10}$/.test(ptan) && /[0-9]/.test(ptan)
    ? undefined
    : "5 to 10 letters and digits, one digit at least.";
}

export function pecosProblem(value: string): string | undefined {
  return /^([IO][0-9]{14})?$/.test(value.trim().toUpperCase()) ? undefined : "I or O and 14 digits.";
}

export function macProblem(value: string): string | undefined {
  return /^([0-9]{5})?$/.test(value.trim()) ? undefined : "The five digits of the contractor.";
}

export function payerProblem(value: string): string | undefined {
  return /^[A-Za-z0-9_-]{1,20}$/.test(value) ? undefined : "1 to 20 letters, digits, _ or -.";
}

export function nameProblem(value: string): string | undefined {
  const length = new TextEncoder().encode(value.trim()).length;
  return length > 0 && length <= maxText ? undefined : "1 to 200 characters.";
}

/** Whether dates (YYYY-MM-DD, empty where unknown) do not fall. */
export function ordered(...dates: string[]): boolean {
  const known = dates.filter((d) => d !== "");
  return known.every((d, i) => i === 0 || d >= (known[i - 1] ?? ""));
}

/** Days in both workspaces are UTC days. */
export function today(now = new Date()): string {
  return now.toISOString().slice(0, 10);
}

/** The two halves of a verification, which is made neither in the future nor nowhere. */
export function verificationProblems(
  date: string,
  source: string,
  day = today(),
): { field: "verificationSource" | "lastVerifiedDate"; message: string }[] {
  if (date !== "" && source === "") return [{ field: "verificationSource", message: "Say where it was looked up." }];
  if (date === "" && source !== "")
    return [{ field: "lastVerifiedDate", message: "Say on which day it was looked up." }];
  if (date > day) return [{ field: "lastVerifiedDate", message: "Today or earlier." }];
  return [];
}
