import { describe, expect, it } from "vitest";
import { linesOf } from "./xml";

describe("linesOf", () => {
  it("keeps a document as it came in", () => {
    expect(linesOf("<a>\r\n  <b>1</b>\n</a>\n")).toEqual({ lines: ["<a>", "  <b>1</b>", "</a>"], reflowed: false });
  });

  it("breaks one long line at its elements", () => {
    const long = `<?xml version="1.0"?><a x="1"><b>${"t".repeat(2001)}</b><c/><d><e nil="true"></e></d></a>`;
    const { lines, reflowed } = linesOf(long);
    expect(reflowed).toBe(true);
    expect(lines.map((l) => l.slice(0, 20))).toEqual([
      '<?xml version="1.0"?>'.slice(0, 20),
      '<a x="1">',
      `  <b>${"t".repeat(15)}`,
      "  <c/>",
      "  <d>",
      '    <e nil="true"></e>'.slice(0, 20),
      "  </d>",
      "</a>",
    ]);
  });
});
