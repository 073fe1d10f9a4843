import { concat, fromBase64, sha256, toHex, utf8, type Bytes } from "./bytes";
import { verifyEd25519 } from "./ed25519";
import { hashSize } from "./merkle";

/** Signed notes as of golang.org/x/mod/sumdb/note, whose text is a C2SP tlog-checkpoint. */

const ed25519Algorithm = 1;

export interface VerifierKey {
  readonly name: string;
  /** First four bytes of SHA-256 over name and key, hex. */
  readonly hash: string;
  readonly key: Bytes;
}

/** Reads "<name>+<hash>+<base64 of algorithm and key>"; null when the hash is not that of the name and the key. */
export async function parseVerifierKey(text: string): Promise<VerifierKey | null> {
  // Base64 may hold a plus, a name may not.
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text.trim());
  const [, name, hash, encoded] = match ?? [];
  const raw = encoded ? fromBase64(encoded) : null;
  if (!name || !hash || raw?.length !== 33 || raw[0] !== ed25519Algorithm) return null;
  const computed = await sha256(concat(utf8(`${name}\n`), raw));
  return toHex(computed.slice(0, 4)) === hash ? { name, hash, key: raw.slice(1) } : null;
}

interface Signature {
  readonly name: string;
  readonly hash: string;
  readonly signature: Bytes;
}

export interface Note {
  /** What is signed, its last newline included. */
  readonly text: string;
  readonly signatures: readonly Signature[];
}

export function parseNote(text: string): Note | null {
  const split = text.lastIndexOf("\n\n");
  if (split < 0 || !text.endsWith("\n")) return null;
  const signatures: Signature[] = [];
  for (const line of text.slice(split + 2, -1).split("\n")) {
    const [, name, encoded] = /^— ([^\s+]+) (\S+)$/.exec(line) ?? [];
    const raw = encoded ? fromBase64(encoded) : null;
    if (!name || !raw || raw.length < 5) return null;
    signatures.push({ name, hash: toHex(raw.slice(0, 4)), signature: raw.slice(4) });
  }
  return { text: text.slice(0, split + 1), signatures };
}

/** The signature of this key on the note, if there is one. */
export const signatureOf = (note: Note, key: VerifierKey): Signature | undefined =>
  note.signatures.find((s) => s.name === key.name && s.hash === key.hash);

export const signedBy = (note: Note, key: VerifierKey): Promise<boolean> => {
  const found = signatureOf(note, key);
  return found ? verifyEd25519(key.key, found.signature, utf8(note.text)) : Promise.resolve(false);
};

export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  readonly root: Bytes;
}

/** Origin, size and root of the log, a line each. */
export function parseCheckpoint(text: string): Checkpoint | null {
  const [origin, digits, encoded, ...rest] = text.split("\n");
  const root = encoded ? fromBase64(encoded) : null;
  if (!origin || !digits || !/^(0|[1-9]\d*)$/.test(digits) || root?.length !== hashSize || rest.length === 0)
    return null;
  const size = Number(digits);
  return Number.isSafeInteger(size) ? { origin, size, root } : null;
}
