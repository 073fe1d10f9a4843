import { expect, test } from "vitest";
import { byStrictness, triggerName, type Trigger } from "./words";

const trigger = (code: string, mandatory: boolean): Trigger => ({
  code,
  triggerClass: mandatory ? "TRIGGER_CLASS_MANDATORY" : "TRIGGER_CLASS_OPTIONAL",
});

test("mandatory stands before optional and clinical before the rest", () => {
  const list = [
    trigger("PRAC.REFUSAL", false),
    trigger("TIME.RESP_CRIT", true),
    trigger("NEW.OPTIONAL", false),
    trigger("CLIN.STROKE", true),
    trigger("NEW.MANDATORY", true),
  ];
  expect(byStrictness(list).map((t) => t.code)).toEqual([
    "CLIN.STROKE",
    "TIME.RESP_CRIT",
    "NEW.MANDATORY",
    "PRAC.REFUSAL",
    "NEW.OPTIONAL",
  ]);
  expect(byStrictness(undefined)).toEqual([]);
});

test("a code that the catalogue does not know is shown as it is", () => {
  expect(triggerName("CLIN.ARREST")).toBe("Cardiac arrest");
  expect(triggerName("NEW.RULE")).toBe("NEW.RULE");
});
