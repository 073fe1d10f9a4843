import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const dir = process.env.CAREFUSION_LOCAL ?? "";
if (dir === "") throw new Error("CAREFUSION_LOCAL is not set: start the tests with node run.mjs");

export interface Person {
  readonly name: string;
  readonly role: string;
  readonly subject: string;
  readonly totp: string;
}

interface State {
  readonly url: string;
  readonly adminPort: number;
  readonly processes: readonly { readonly name: string; readonly pid: number; readonly restarts: number }[];
}

const read = <T>(...path: string[]) => JSON.parse(readFileSync(join(dir, ...path), "utf8")) as T;

export const state = () => read<State>("state.json");

/** The running CareFusion. */
export const local = { dir, url: state().url, ...read<{ password: string; users: readonly Person[] }>("secrets", "people.json") };

export function person(name: string): Person {
  const found = local.users.find((u) => u.name === name);
  if (!found) throw new Error(`nobody is named ${name}; there are ${local.users.map((u) => u.name).join(", ")}`);
  return found;
}

/** The public key of the page, as Chromium wants it: SHA-256 of the SPKI, base64. */
export function pinnedKey(): string {
  const certificate = new X509Certificate(readFileSync(join(dir, "pki", "edge.crt")));
  return createHash("sha256").update(certificate.publicKey.export({ type: "spki", format: "der" })).digest("base64");
}
