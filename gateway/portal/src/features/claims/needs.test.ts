import { expect, test } from "vitest";
import { checklist, missingOptions, progress } from "./needs";
import { missingCodes, type Claim } from "./words";

const whole: Claim = {
  state: "STATE_READY",
  serviceDate: { year: 2026, month: 3, day: 1 },
  levelOfService: { hcpcs: "A0427" },
  mileage: { hcpcs: "A0425", milesTenths: 74 },
  originDestinationModifier: "RH",
  diagnoses: ["I20.9"],
  pickupZip: "53703",
  payers: [{ claimFilingIndicator: "MB", priority: "primary", policyNumberPresent: true }],
};

const all = (claim: Claim) => checklist(claim).flatMap((g) => g.checks);
const one = (claim: Claim, label: string) => all(claim).find((c) => c.label === label);

test("a complete claim misses nothing and shows what is there", () => {
  expect(all(whole).every((c) => c.state === "there")).toBe(true);
  expect(one(whole, "Loaded miles")?.value).toBe("7.4");
  expect(one(whole, "Payer")?.value).toBe("Medicare Part B");
  expect(one(whole, "Date of service")?.value).toBe("Mar 1, 2026");
  const { there, needed } = progress(checklist(whole));
  expect(there).toBe(needed);
});

test("every code that a claim can miss has a place in the list", () => {
  const claim = { ...whole, missing: missingCodes.map((code) => ({ code, element: "e", message: "do it" })) };
  expect(checklist(claim).map((g) => g.label)).not.toContain("Other");
  expect(all(claim).flatMap((c) => c.todo)).toHaveLength(missingCodes.length);
});

test("what is missing comes with what to do; two gaps of one thing are one check", () => {
  const claim = {
    ...whole,
    originDestinationModifier: "R?",
    missing: [
      { code: "DESTINATION_MISSING", element: "eDisposition.21", message: "choose the destination" },
      { code: "PCS_DATE_MISSING", element: "ePayment.03", message: "supply the date" },
      { code: "PCS_SIGNER_MISSING", element: "ePayment.05", message: "supply the signer" },
    ],
  };
  expect(one(claim, "Destination")).toMatchObject({ state: "missing", value: "" });
  expect(one(claim, "Origin")).toMatchObject({ state: "there", value: "R" });
  expect(one(claim, "Physician certification")?.todo.map((t) => t.element)).toEqual(["ePayment.03", "ePayment.05"]);
  const { there, needed } = progress(checklist(claim));
  expect(needed - there).toBe(2);
});

test("what a claim cannot need is not asked: a trip that was none, the insurances of who has none", () => {
  const died: Claim = { ...whole, originDestinationModifier: "", modifiers: ["QL"], payers: [] };
  delete (died as { mileage?: unknown }).mileage;
  expect(one(died, "Loaded miles")?.state).toBe("notNeeded");
  expect(one(died, "Origin")?.state).toBe("notNeeded");
  expect(one(died, "Policy number")?.state).toBe("notNeeded");
  expect(one(died, "Payer")).toMatchObject({ state: "there", value: "No insurance" });
});

test("a code that nobody knows yet is shown and can be filtered by", () => {
  const claim = { ...whole, missing: [{ code: "NEW_THING", element: "eNew.01", message: "supply it" }] };
  expect(checklist(claim).at(-1)).toMatchObject({ label: "Other", checks: [{ label: "NEW_THING", state: "missing" }] });
  expect(missingOptions("NEW_THING").at(-1)).toEqual({ value: "NEW_THING", label: "NEW_THING" });
  expect(missingOptions("PCS_MISSING")).toHaveLength(missingCodes.length);
});
