import type { Json } from "./diff";

const width = 100;

/** JSON as people edit it: what fits on a line stands on one, so that a list of codes is not a page. */
export function pretty(value: Json, indent = ""): string {
  const short = oneLine(value);
  if (indent.length + short.length <= width && (indent !== "" || short.length < 3)) return short;
  if (typeof value !== "object" || value === null) return short;
  const deeper = `${indent}  `;
  const lines = Array.isArray(value)
    ? elements(value as readonly Json[], deeper)
    : Object.entries(value).map(([key, member]) => `${deeper}${JSON.stringify(key)}: ${pretty(member, deeper)}`);
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  return `${open}\n${lines.join(",\n")}\n${indent}${close}`;
}

function oneLine(value: Json): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(oneLine).join(", ")}]`;
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${oneLine(member)}`);
  return `{${members.join(", ")}}`;
}

/** Codes side by side, everything else one below the other. */
function elements(list: readonly Json[], indent: string): string[] {
  if (list.some((element) => typeof element === "object" && element !== null)) {
    return list.map((element) => indent + pretty(element, indent));
  }
  const lines: string[] = [];
  for (const text of list.map(oneLine)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + text.length + 2 <= width) lines[lines.length - 1] = `${last}, ${text}`;
    else lines.push(indent + text);
  }
  return lines;
}
