import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { diff, equal, pathWords, valueText, type Json } from "./diff";
import { placeOf } from "./pointer";
import { pretty } from "./pretty";

const seeds = "../../services/audit/internal/governance/seeds";
const seed = (key: string) => JSON.parse(readFileSync(`${seeds}/${key}.json`, "utf8")) as Json;
const keys = ["qa.triggers", "billing.level-of-service", "compliance.alerts", "compliance.registrations"];

const lines = (before: Json, after: Json) =>
  diff(before, after).map((c) => {
    const old = c.kind === "added" ? "" : valueText(c.before);
    const now = c.kind === "removed" ? "" : valueText(c.after);
    return `${c.kind} ${pathWords(c.path)}: ${old} → ${now}`;
  });

describe("the difference of two documents", () => {
  it.each<[string, Json, Json, string[]]>([
    ["nothing", { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, []],
    ["the order of members", { a: 1, b: 2 }, { b: 2, a: 1 }, []],
    ["a value", { t: { x: { threshold: 10 } } }, { t: { x: { threshold: 9 } } }, ["changed t › x › threshold: 10 → 9"]],
    ["a member that came", { a: 1 }, { a: 1, b: "x" }, ["added b:  → x"]],
    ["a member that went", { a: 1, b: false }, { a: 1 }, ["removed b: false → "]],
    ["a null that became a number", { a: null }, { a: 0 }, ["changed a: null → 0"]],
    ["a list that became an object", { a: [] }, { a: {} }, ["changed a: [] → {}"]],
    ["a code that came in the middle", ["1", "3"], ["1", "2", "3"], ["added item 2:  → 2"]],
    ["a code that went", ["1", "2", "3"], ["1", "3"], ["removed item 2: 2 → "]],
    ["a code for another", ["1", "2"], ["1", "4"], ["removed item 2: 2 → ", "added item 2:  → 4"]],
    ["codes in another order", ["1", "2"], ["2", "1"], ["removed item 1: 1 → ", "added item 2:  → 1"]],
    [
      "an object that was edited in a list",
      [
        { code: "a", n: 1 },
        { code: "b", n: 2 },
      ],
      [
        { code: "a", n: 1 },
        { code: "b", n: 3 },
      ],
      ["changed item 2 › n: 2 → 3"],
    ],
    [
      "an object that was put before others",
      [{ code: "b" }, { code: "c" }],
      [{ code: "a" }, { code: "b" }, { code: "c" }],
      ['added item 1:  → {"code":"a"}'],
    ],
    ["everything", { a: 1 }, [1], ['changed The whole document: {"a":1} → [1]']],
  ])("%s", (_, before, after, want) => expect(lines(before, after)).toEqual(want));

  it.each(keys)("of the first version of %s to itself is empty, and to nothing is everything", (key) => {
    const document = seed(key);
    expect(diff(document, structuredClone(document))).toEqual([]);
    expect(diff({}, document).length).toBe(Object.keys(document as object).length);
    expect(equal(document, {})).toBe(false);
  });
});

describe("a document as text", () => {
  it.each(keys)("of %s says the same, and shorter", (key) => {
    const document = seed(key);
    const text = pretty(document);
    expect(JSON.parse(text)).toEqual(document);
    const indented = JSON.stringify(document, null, 2);
    expect(text.split("\n").length).toBeLessThanOrEqual(indented.split("\n").length);
    for (const line of text.split("\n")) if (!line.includes(": ")) expect(line.length).toBeLessThanOrEqual(102);
  });

  it("keeps nothing, emptiness and depth", () => {
    expect(pretty({})).toBe("{}");
    expect(pretty({ a: {}, b: [], c: null })).toBe('{\n  "a": {},\n  "b": [],\n  "c": null\n}');
  });
});

describe("a place in the text", () => {
  const text =
    '{\n  "triggers": {\n    "TIME.RESP": {"threshold": 10, "units": ["min", "s"]},\n    "a/b~c": "x\\"}"\n  }\n}';

  it.each([
    ["", 1, "{"],
    ["/triggers", 2, "{"],
    ["/triggers/TIME.RESP/threshold", 3, "10"],
    ["/triggers/TIME.RESP/units/1", 3, '"s"'],
    ["/triggers/a~1b~0c", 4, '"x'],
    // A missing member is missed in its object.
    ["/triggers/TIME.RESP/enabled", 3, '{"threshold"'],
    ["/other/deep", 1, "{"],
  ])("%s stands in line %d", (pointer, line, begin) => {
    const place = placeOf(text, pointer);
    expect(place?.line).toBe(line);
    expect(text.slice(place?.at)).toMatch(new RegExp(`^${begin.replace(/[{}]/g, "\\$&")}`));
  });

  it("is nowhere in what is no JSON", () => expect(placeOf("{", "/a")).toBeNull());

  it.each(keys)("is found for every value of %s", (key) => {
    const document = seed(key);
    const shown = pretty(document);
    const walk = (value: Json, pointer: string): void => {
      const place = placeOf(shown, pointer);
      expect(place, pointer).not.toBeNull();
      if (typeof value !== "object" || value === null) {
        expect(shown.slice(place?.at).startsWith(JSON.stringify(value)), pointer).toBe(true);
      } else
        Object.entries(value)
          .slice(0, 6)
          .forEach(([k, v]) => walk(v, `${pointer}/${k.replaceAll("~", "~0").replaceAll("/", "~1")}`));
    };
    walk(document, "");
  });
});
