/** Bytes backed by memory of their own, as WebCrypto wants them. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
// A leaf that is not UTF-8 must not be read as if it were.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const utf8 = (text: string): Bytes => encoder.encode(text);

export const textOf = (bytes: Bytes): string => decoder.decode(bytes);

/** Standard base64 with padding; null for anything else, also for other spellings of the same bytes. */
export function fromBase64(text: string): Bytes | null {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    return null;
  }
  return btoa(binary) === text ? Uint8Array.from(binary, (c) => c.charCodeAt(0)) : null;
}

export const toBase64 = (bytes: Bytes): string => btoa(String.fromCharCode(...bytes));

export const toHex = (bytes: Bytes): string => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");

export function concat(...parts: readonly Bytes[]): Bytes {
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

export const same = (a: Bytes, b: Bytes): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
