type Search = Record<string, unknown>;

/** Search parameters are plain text, as people write and read them: ?state=open&agency=2. The schema of a route gives them types. */
export function parseSearch(text: string): Search {
  const out: Search = {};
  for (const [key, value] of new URLSearchParams(text)) {
    const before = out[key];
    if (before === undefined) out[key] = value;
    else out[key] = [...(Array.isArray(before) ? (before as unknown[]) : [before]), value];
  }
  return out;
}

const plain = (value: unknown): value is string | number | boolean =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean";

export function stringifySearch(search: Search): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(search)) {
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value])
      if (plain(one) && one !== "") params.append(key, String(one));
  }
  const text = params.toString();
  return text ? `?${text}` : "";
}
