import { describe, expect, it } from "vitest";
import { formatBytes, maxBytes, objectionTo } from "./check";

const xml = '<?xml version="1.0"?>\n<!-- a note --><EMSDataSet xmlns="http://www.nemsis.org"/>';

describe("objectionTo", () => {
  it.each([
    ["chart.xml", xml, null],
    ["CHART.XML", `\ufeff${xml}`, null],
    ["prefixed.xml", "<n:EMSDataSet/>", null],
    ["agency.xml", "<DEMDataSet/>", /agency data set/],
    ["page.xml", "<html></html>", /<html>/],
    ["note.xml", "hello", /not XML/],
    ["empty.xml", "", /empty/],
    ["chart.pdf", xml, /\.xml/],
    ["charts.zip", xml, /archive/],
  ])("%s", async (name, content, want) => {
    const got = await objectionTo(new File([content], name));
    if (want === null) expect(got).toBeNull();
    else expect(got).toMatch(want);
  });

  it("sends no file that the service refuses for its size", async () => {
    const file = new File(["<EMSDataSet>"], "big.xml");
    Object.defineProperty(file, "size", { value: maxBytes + 1, configurable: true });
    expect(await objectionTo(file)).toMatch(/larger than 20\sMB/);
    Object.defineProperty(file, "size", { value: maxBytes });
    expect(await objectionTo(file)).toBeNull();
  });

  it("refuses UTF-16 by its mark", async () => {
    expect(await objectionTo(new File([new Uint8Array([0xff, 0xfe, 0x3c, 0])], "w.xml"))).toMatch(/UTF-8/);
  });

  it("leaves a document with a long beginning to the service", async () => {
    expect(await objectionTo(new File([`<!--${"x".repeat(70_000)}--><EMSDataSet/>`], "long.xml"))).toBeNull();
  });
});

describe("formatBytes", () => {
  it("rounds so that a small file is not nothing", () => {
    expect([1, 1023, 1025, maxBytes, 1.5 * 1024 * 1024].map(formatBytes)).toEqual([
      "1\u00a0B",
      "1023\u00a0B",
      "2\u00a0kB",
      "20\u00a0MB",
      "1.5\u00a0MB",
    ]);
  });
});
