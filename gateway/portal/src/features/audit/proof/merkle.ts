import { concat, same, sha256, type Bytes } from "./bytes";

/** Merkle trees of RFC 6962. Sizes and indexes are numbers: the API keeps them below 2^53, where bit operators would not. */

const leafPrefix = Uint8Array.of(0);
const nodePrefix = Uint8Array.of(1);

export const hashSize = 32;

export const leafHash = (leaf: Bytes): Promise<Bytes> => sha256(concat(leafPrefix, leaf));

export const nodeHash = (left: Bytes, right: Bytes): Promise<Bytes> => sha256(concat(nodePrefix, left, right));

const half = (n: number) => Math.floor(n / 2);
const odd = (n: number) => n % 2 === 1;

const countable = (n: number) => Number.isSafeInteger(n) && n >= 0;

/** The root to which a path leads from a leaf; null when there is no such path in a tree of this size (RFC 9162, 2.1.3.2). */
export async function rootOfInclusion(
  index: number,
  size: number,
  leaf: Bytes,
  path: readonly Bytes[],
): Promise<Bytes | null> {
  if (!countable(index) || !countable(size) || index >= size) return null;
  let hash = leaf;
  let at = index;
  let last = size - 1;
  for (const sibling of path) {
    if (last === 0 || sibling.length !== hashSize) return null;
    if (odd(at) || at === last) {
      hash = await nodeHash(sibling, hash);
      while (!odd(at) && at !== 0) {
        at = half(at);
        last = half(last);
      }
    } else {
      hash = await nodeHash(hash, sibling);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 ? hash : null;
}

/** Whether the tree of size `from` is the beginning of that of size `to` (RFC 9162, 2.1.4.2). */
export async function grew(
  from: number,
  to: number,
  fromRoot: Bytes,
  toRoot: Bytes,
  path: readonly Bytes[],
): Promise<boolean> {
  if (!countable(from) || !countable(to) || from < 1 || from > to) return false;
  if (from === to) return path.length === 0 && same(fromRoot, toRoot);
  if (path.some((hash) => hash.length !== hashSize)) return false;
  let at = from - 1;
  let last = to - 1;
  while (odd(at)) {
    at = half(at);
    last = half(last);
  }
  // A complete tree is a node of the larger one, so that the path need not name it.
  const complete = at === 0;
  const first = complete ? fromRoot : path[0];
  if (!first) return false;
  let older = first;
  let newer = first;
  for (const hash of complete ? path : path.slice(1)) {
    if (last === 0) return false;
    if (odd(at) || at === last) {
      older = await nodeHash(hash, older);
      newer = await nodeHash(hash, newer);
      while (!odd(at) && at !== 0) {
        at = half(at);
        last = half(last);
      }
    } else {
      newer = await nodeHash(newer, hash);
    }
    at = half(at);
    last = half(last);
  }
  return last === 0 && same(older, fromRoot) && same(newer, toRoot);
}
