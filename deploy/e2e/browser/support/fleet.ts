import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A demo login. The founder has no agency. */
export interface User {
  readonly name: string;
  readonly roles: readonly string[];
  readonly agency: number | null;
  readonly totpSecret: string;
}

/** The machine identity by which charts of an agency arrive. */
export interface Client {
  readonly id: string;
  readonly secret: string;
  readonly agency: number;
}

const dir = process.env.FLEET_DIR ?? "";
if (dir === "") throw new Error("FLEET_DIR is not set: start the tests with node run.mjs");

/** fleet.env: a value a line, in single quotes. */
function readEnv(): Record<string, string> {
  const env: Record<string, string> = {};
  for (const line of readFileSync(join(dir, "fleet.env"), "utf8").split("\n")) {
    const at = line.indexOf("=");
    if (at > 0) env[line.slice(0, at)] = line.slice(at + 1).replace(/^'|'$/g, "").replaceAll(`'\\''`, "'");
  }
  return env;
}

const env = readEnv();

function need(key: string): string {
  const value = env[key];
  if (!value) throw new Error(`fleet.env has no ${key}`);
  return value;
}

/** The running fleet. */
export const fleet = {
  dir,
  gateway: need("GATEWAY_URL"),
  issuer: need("OIDC_ISSUER"),
  password: need("DEMO_PASSWORD"),
  users: JSON.parse(need("DEMO_USERS")) as readonly User[],
  clients: JSON.parse(need("DEMO_CLIENTS")) as readonly Client[],
};

export function userNamed(name: string): User {
  const user = fleet.users.find((u) => u.name === name);
  if (!user) throw new Error(`no demo user is named ${name}; there are ${fleet.users.map((u) => u.name).join(", ")}`);
  return user;
}

/** The public keys of the two sites that a browser meets, as Chromium wants them: SHA-256 of the SPKI, base64. */
export function pinnedKeys(): string[] {
  const issuer = process.env.ISSUER_CERTIFICATE ?? join(dir, "pki/issuer.crt");
  return [join(dir, "pki/gateway.crt"), issuer].map((file) => {
    const certificate = new X509Certificate(readFileSync(file));
    return createHash("sha256").update(certificate.publicKey.export({ type: "spki", format: "der" })).digest("base64");
  });
}
