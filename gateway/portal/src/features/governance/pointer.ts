/**
 * Where the values of a JSON text begin, by JSON pointer (RFC 6901). The text is one that JSON.parse has taken, so that this only
 * needs to find its way.
 */
export function placesOf(text: string): Map<string, number> {
  const places = new Map<string, number>();
  let at = 0;
  const blank = () => {
    while (/\s/.test(text[at] ?? "")) at++;
  };
  const string = (): string => {
    const from = at++;
    while (text[at] !== '"' && at < text.length) at += text[at] === "\\" ? 2 : 1;
    return JSON.parse(text.slice(from, ++at)) as string;
  };
  /** Reads members or elements up to the closing bracket. */
  const each = (close: string, one: (index: number) => void) => {
    at++;
    for (let index = 0; ; index++) {
      blank();
      if (text[at] === close || at >= text.length) break;
      one(index);
      blank();
      if (text[at] === ",") at++;
    }
    at++;
  };
  const value = (pointer: string) => {
    blank();
    places.set(pointer, at);
    if (text[at] === "{") {
      each("}", () => {
        const key = string();
        blank();
        at++;
        value(`${pointer}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`);
      });
    } else if (text[at] === "[") each("]", (index) => value(`${pointer}/${index}`));
    else if (text[at] === '"') string();
    else while (at < text.length && !/[\s,\]}]/.test(text[at] ?? "")) at++;
  };
  value("");
  return places;
}

/** The line of a position, from 1. */
export const lineOf = (text: string, at: number): number => text.slice(0, at).split("\n").length;

/** Where a pointer leads, or the nearest value around it that exists: a missing member is missed in its object. */
export function placeOf(text: string, pointer: string): { at: number; line: number } | null {
  let places: Map<string, number>;
  try {
    JSON.parse(text);
    places = placesOf(text);
  } catch {
    return null;
  }
  for (let p = pointer; ; p = p.slice(0, p.lastIndexOf("/"))) {
    const at = places.get(p);
    if (at !== undefined) return { at, line: lineOf(text, at) };
    if (p === "" || !p.includes("/")) return null;
  }
}
