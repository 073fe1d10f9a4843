import { describe, expect, it } from "vitest";
import {
  deaNumberHints,
  deaNumberProblem,
  macProblem,
  nameProblem,
  npiProblem,
  ordered,
  payerProblem,
  pecosProblem,
  ptanProblem,
  states,
  today,
  verificationProblems,
} from "./checks";

describe("a DEA number", () => {
  it.each(["AB1234563", "BB1388568", "F91234563", " ab1234563 "])("%s holds", (number) => {
    expect(deaNumberProblem(number)).toBeUndefined();
  });

  it.each(["", "12", "AB123456", "AB12345634", "A-1234563", "8B1234563"])("%s has not its form", (number) => {
    expect(deaNumberProblem(number)).toMatch(/number|letters/);
  });

  it("sees a wrong digit and an exchange of neighbours", () => {
    for (const number of ["AB1234564", "AB1243563", "AB2134563"])
      expect(deaNumberProblem(number)).toMatch(/last digit/);
  });

  it("is unusual, but no error, with an unknown type or another initial", () => {
    expect(deaNumberHints("AB1234563", "Bright EMS")).toEqual([]);
    expect(deaNumberHints("A91234563", "Quick EMS")).toEqual([]);
    expect(deaNumberHints("AB1234563", "Quick EMS")).toHaveLength(1);
    expect(deaNumberHints("ZB1234563", "Quick EMS")).toHaveLength(2);
    expect(deaNumberHints("AB1234564", "Quick EMS")).toEqual([]);
  });
});

describe("an NPI", () => {
  it("holds by its check digit", () => {
    expect(npiProblem("1234567893")).toBeUndefined();
    expect(npiProblem("1245319599")).toBeUndefined();
  });

  it.each(["", "3234567893", "123456789", "12345678935"])("%s has not its form", (npi) => {
    expect(npiProblem(npi)).toMatch(/NPI|Ten digits/);
  });

  it("sees every single wrong digit", () => {
    const good = "1234567893";
    for (let i = 1; i < 10; i++) {
      for (let d = 0; d < 10; d++) {
        const wrong = good.slice(0, i) + String(d) + good.slice(i + 1);
        if (wrong !== good) expect(npiProblem(wrong)).toMatch(/last digit/);
      }
    }
  });
});

describe("other references", () => {
  it("may be empty, and have their forms", () => {
    for (const check of [ptanProblem, pecosProblem, macProblem]) expect(check("")).toBeUndefined();
    expect(ptanProblem("q12345")).toBeUndefined();
    expect(ptanProblem("ABCDEF")).toBeDefined();
    expect(ptanProblem("A1")).toBeDefined();
    expect(pecosProblem("O20240101000123")).toBeUndefined();
    expect(pecosProblem("X20240101000123")).toBeDefined();
    expect(macProblem("06202")).toBeUndefined();
    expect(macProblem("6202")).toBeDefined();
    expect(payerProblem("00120")).toBeUndefined();
    expect(payerProblem("")).toBeDefined();
    expect(payerProblem("a b")).toBeDefined();
  });

  it("knows the states, the district and five territories", () => {
    expect(states).toHaveLength(56);
    expect(new Set(states).size).toBe(56);
  });

  it("counts a name by the bytes that are stored", () => {
    expect(nameProblem("  ")).toBeDefined();
    expect(nameProblem("x".repeat(200))).toBeUndefined();
    expect(nameProblem("é".repeat(101))).toBeDefined();
  });
});

describe("dates", () => {
  it("do not fall, where they are known", () => {
    expect(ordered("2025-01-01", "", "2026-01-01")).toBe(true);
    expect(ordered("2026-01-01", "2026-01-01")).toBe(true);
    expect(ordered("2026-01-02", "", "2026-01-01")).toBe(false);
  });

  it("are UTC days", () => {
    expect(today(new Date("2026-03-01T23:59:00-06:00"))).toBe("2026-03-02");
  });

  it("of a verification come with a source, and lie behind", () => {
    const fields = (date: string, source: string) =>
      verificationProblems(date, source, "2026-03-01").map((p) => p.field);
    expect(fields("", "")).toEqual([]);
    expect(fields("2026-03-01", "VERIFICATION_SOURCE_PECOS")).toEqual([]);
    expect(fields("2026-03-02", "VERIFICATION_SOURCE_PECOS")).toEqual(["lastVerifiedDate"]);
    expect(fields("2026-03-01", "")).toEqual(["verificationSource"]);
    expect(fields("", "VERIFICATION_SOURCE_PECOS")).toEqual(["lastVerifiedDate"]);
  });
});
