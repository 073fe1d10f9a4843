import type { FieldValues } from "react-hook-form";

/** One field that somebody else changed while a person was editing. */
export interface ForeignChange<V extends FieldValues> {
  readonly field: keyof V & string;
  /** Whether the person changed it too, to something else: then only a person can decide. */
  readonly contested: boolean;
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** The fields in which two states of a form differ. */
export function changed<V extends FieldValues>(before: V, after: V): (keyof V & string)[] {
  return Object.keys(after).filter((field) => !same(before[field], after[field]));
}

/** What somebody else changed between the state that a person began with and the one that is stored now. */
export function foreignChanges<V extends FieldValues>(base: V, mine: V, theirs: V): ForeignChange<V>[] {
  return changed(base, theirs).map((field) => ({
    field,
    contested: !same(base[field], mine[field]) && !same(mine[field], theirs[field]),
  }));
}

/**
 * The state that holds the changes of both. Of the contested fields those in `keep` stay as the person has them, the others become
 * what is stored now.
 */
export function merged<V extends FieldValues>(base: V, mine: V, theirs: V, keep: ReadonlySet<string>): V {
  const out: Record<string, unknown> = { ...mine };
  for (const { field, contested } of foreignChanges(base, mine, theirs)) {
    if (!contested || !keep.has(field)) out[field] = theirs[field];
  }
  return out as V;
}
