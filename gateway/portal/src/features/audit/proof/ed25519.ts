import type { Bytes } from "./bytes";

async function byBrowser(key: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, false, ["verify"]);
  return crypto.subtle.verify({ name: "Ed25519" }, imported, signature, message);
}

async function byLibrary(key: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
  const { verifyAsync } = await import("@noble/ed25519");
  try {
    // RFC 8032 as browsers do it, without the wider set of keys of ZIP 215.
    return await verifyAsync(signature, message, key, { zip215: false });
  } catch {
    return false;
  }
}

/** Verifies an Ed25519 signature (RFC 8032), with the browser's own implementation where it has one. */
export async function verifyEd25519(key: Bytes, signature: Bytes, message: Bytes): Promise<boolean> {
  if (key.length !== 32 || signature.length !== 64) return false;
  try {
    return await byBrowser(key, signature, message);
  } catch {
    // The browser does not know the algorithm; it would also say so of a key that is no point of the curve, and the library
    // then says the same.
    return byLibrary(key, signature, message);
  }
}
