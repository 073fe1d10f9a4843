import { describe, expect, it } from "vitest";
import { isSaid, isYes, numberOf, say, timeOf } from "./fact";

describe("say", () => {
  it("names a code and keeps it", () => {
    expect(say({ state: "STATE_VALUE", value: "9923003" })).toEqual({ kind: "value", text: "Yes", code: "9923003" });
    expect(say({ state: "STATE_VALUE", value: "4337" }, "medication").code).toBe("4337");
    expect(say({ state: "STATE_VALUE", value: "4337" }, "medication").text).toMatch(/fentanyl/i);
  });

  it("shows a code without a label as it is", () => {
    expect(say({ state: "STATE_VALUE", value: "4212033" })).toEqual({ kind: "value", text: "4212033" });
    expect(say({ state: "STATE_VALUE", value: "118" }, "number")).toEqual({ kind: "value", text: "118" });
  });

  it("takes the label of the closest broader condition", () => {
    expect(say({ state: "STATE_VALUE", value: "I21.11" }, "condition").text).toBe("Acute myocardial infarction");
    expect(say({ state: "STATE_VALUE", value: "I21.4" }, "condition").text).toMatch(/NSTEMI/);
    expect(say({ state: "STATE_VALUE", value: "Q99.8" }, "condition").text).toBe("Q99.8");
  });

  it.each([
    ["7701001", "Not applicable"],
    ["7701003", "Not recorded"],
    ["7701005", "Not reporting"],
  ])("says why there is no value: %s", (reasonCode, text) => {
    expect(say({ state: "STATE_NOT_VALUE", reasonCode })).toEqual({ kind: "notValue", text });
  });

  it("says a pertinent negative, with what was not done", () => {
    expect(say({ state: "STATE_PERTINENT_NEGATIVE", reasonCode: "8801019" })).toEqual({
      kind: "negative",
      text: "Refused",
    });
    expect(say({ state: "STATE_PERTINENT_NEGATIVE", reasonCode: "8801023" }).text).toBe("Unable to complete");
    expect(say({ state: "STATE_PERTINENT_NEGATIVE", reasonCode: "8801019", value: "1191" }, "medication").text).toMatch(
      /aspirin.*: Refused/i,
    );
  });

  it("keeps an acronym of a reason as it is written", () => {
    expect(say({ state: "STATE_PERTINENT_NEGATIVE", reasonCode: "8801017" }).text).toBe("Not performed by EMS");
  });

  it("tells apart what the document does not hold", () => {
    expect(say({ state: "STATE_ABSENT" }).kind).toBe("absent");
    expect(say(undefined).kind).toBe("absent");
    expect(isSaid({ state: "STATE_ABSENT" })).toBe(false);
    expect(isSaid({ state: "STATE_NOT_VALUE", reasonCode: "7701003" })).toBe(true);
  });
});

describe("numbers and times", () => {
  it("reads values only", () => {
    expect(numberOf({ state: "STATE_VALUE", value: "97" })).toBe(97);
    expect(numberOf({ state: "STATE_VALUE", value: "High" })).toBeUndefined();
    expect(numberOf({ state: "STATE_NOT_VALUE", reasonCode: "7701003" })).toBeUndefined();
    expect(numberOf({ state: "STATE_PERTINENT_NEGATIVE", value: "5", reasonCode: "8801029" })).toBeUndefined();
    expect(timeOf({ state: "STATE_VALUE", value: "2026-03-01T10:00:00-06:00" })).toBe(Date.UTC(2026, 2, 1, 16));
    expect(timeOf({ state: "STATE_VALUE", value: "yesterday" })).toBeUndefined();
  });

  it("knows a yes", () => {
    expect(isYes({ state: "STATE_VALUE", value: "9923003" })).toBe(true);
    expect(isYes({ state: "STATE_VALUE", value: "9923001" })).toBe(false);
    expect(isYes(undefined)).toBe(false);
  });
});
