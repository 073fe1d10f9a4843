/** Plain JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Names of members and positions of elements, from the root to a value. */
export type Path = readonly (string | number)[];

export type Change =
  | { readonly kind: "added"; readonly path: Path; readonly after: Json }
  | { readonly kind: "removed"; readonly path: Path; readonly before: Json }
  | { readonly kind: "changed"; readonly path: Path; readonly before: Json; readonly after: Json };

type Dictionary = { readonly [key: string]: Json };

const isList = (value: Json): value is readonly Json[] => Array.isArray(value);
const isObject = (value: Json): value is Dictionary => typeof value === "object" && value !== null && !isList(value);

export function equal(a: Json, b: Json): boolean {
  if (isList(a) && isList(b)) return a.length === b.length && a.every((value, i) => equal(value, b[i] ?? null));
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length && keys.every((key) => key in b && equal(a[key] ?? null, b[key] ?? null))
    );
  }
  return a === b;
}

/** What makes the one document the other, in the order of the documents. */
export function diff(before: Json, after: Json, path: Path = []): Change[] {
  if (isObject(before) && isObject(after)) return members(before, after, path);
  if (isList(before) && isList(after)) return elements(before, after, path);
  return equal(before, after) ? [] : [{ kind: "changed", path, before, after }];
}

function members(before: Dictionary, after: Dictionary, path: Path): Change[] {
  const out: Change[] = [];
  for (const [key, value] of Object.entries(before)) {
    const next = after[key];
    if (next === undefined) out.push({ kind: "removed", path: [...path, key], before: value });
    else out.push(...diff(value, next, [...path, key]));
  }
  for (const [key, value] of Object.entries(after)) {
    if (!(key in before)) out.push({ kind: "added", path: [...path, key], after: value });
  }
  return out;
}

/** Elements that stand in both lists in the same order hold the lists together; what lies between two of them differs. */
function elements(before: readonly Json[], after: readonly Json[], path: Path): Change[] {
  const out: Change[] = [];
  let i = 0;
  let j = 0;
  for (const [atBefore, atAfter] of [...common(before, after), [before.length, after.length] as const]) {
    out.push(...gap(before, after, [i, atBefore], [j, atAfter], path));
    i = atBefore + 1;
    j = atAfter + 1;
  }
  return out;
}

type Range = readonly [from: number, to: number];

function gap(
  before: readonly Json[],
  after: readonly Json[],
  [i, iEnd]: Range,
  [j, jEnd]: Range,
  path: Path,
): Change[] {
  const out: Change[] = [];
  let left = i;
  let right = j;
  // Two objects at the same place are one that was edited; two codes are one that went and one that came.
  while (left < iEnd && right < jEnd && isObject(before[left] ?? null) && isObject(after[right] ?? null)) {
    out.push(...diff(before[left] ?? null, after[right] ?? null, [...path, right]));
    left++;
    right++;
  }
  for (; left < iEnd; left++) out.push({ kind: "removed", path: [...path, left], before: before[left] ?? null });
  for (; right < jEnd; right++) out.push({ kind: "added", path: [...path, right], after: after[right] ?? null });
  return out;
}

/** Positions of a longest common subsequence. */
function common(a: readonly Json[], b: readonly Json[]): (readonly [number, number])[] {
  const width = b.length + 1;
  const length = new Uint32Array((a.length + 1) * width);
  const at = (i: number, j: number) => length[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      length[i * width + j] = equal(a[i] ?? null, b[j] ?? null)
        ? at(i + 1, j + 1) + 1
        : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const out: (readonly [number, number])[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length && j < b.length) {
    if (equal(a[i] ?? null, b[j] ?? null)) out.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return out;
}

/** A path as people read it: "triggers › TIME.RESP_CRIT › threshold". */
export const pathWords = (path: Path): string =>
  path.length === 0 ? "The whole document" : path.map((p) => (typeof p === "number" ? `item ${p + 1}` : p)).join(" › ");

/** A value on one line; numbers and words as they are, the rest as JSON. */
export const valueText = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));
