/** A document as lines. Where it came as one long line it is broken at its elements, and its own line numbers are lost. */
export interface Lines {
  readonly lines: readonly string[];
  readonly reflowed: boolean;
}

/** A line beyond this is not for reading. */
const tooLong = 2000;

export function linesOf(xml: string): Lines {
  const lines = xml.split(/\r\n|\n|\r/);
  if (lines[lines.length - 1] === "") lines.pop();
  if (lines.every((line) => line.length <= tooLong)) return { lines, reflowed: false };
  return { lines: reflow(xml), reflowed: true };
}

/** One element to a line, indented by its depth. Text stays with its element. */
function reflow(xml: string): string[] {
  const out: string[] = [];
  let depth = 0;
  for (const token of xml.match(/<[^>]+>[^<]*/g) ?? []) {
    const end = token.indexOf(">") + 1;
    const tag = token.slice(0, end);
    const text = token.slice(end).trim();
    if (tag.startsWith("</")) {
      depth = Math.max(0, depth - 1);
      const last = out.length - 1;
      const before = out[last] ?? "";
      // <a>text</a> stays on one line.
      if (before.trimStart().startsWith(`<${tag.slice(2, -1)}`) && !before.includes("</")) out[last] = before + tag;
      else out.push(indent(depth) + tag);
      continue;
    }
    out.push(indent(depth) + tag + text);
    if (!tag.endsWith("/>") && !tag.startsWith("<?") && !tag.startsWith("<!")) depth++;
  }
  return out;
}

const indent = (depth: number) => "  ".repeat(depth);
