import { createHmac } from "node:crypto";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { fleet, userNamed } from "./fleet.ts";

const period = 30;

function decodeBase32(text: string): Buffer {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let bits = "";
  for (const c of text.replace(/=+$/, "")) bits += alphabet.indexOf(c).toString(2).padStart(5, "0");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
}

/** The code of one time step (RFC 6238 with its defaults). */
export function totpCode(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac("sha1", decodeBase32(secret)).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0xf;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

/**
 * A code that no test has used: each is accepted once. The provider takes the step before and after the current one too, so that
 * three sign-ins of one user fit into half a minute; the fourth waits. What was used is remembered in files, because the
 * workers are processes.
 */
export async function freshCode(login: string): Promise<string> {
  const used = join(fleet.dir, "browser", "codes");
  mkdirSync(used, { recursive: true });
  // The launcher signs some users in to fill the demo agencies, with codes of the step before; when it is done it writes this file.
  const filled = Math.floor(statSync(join(fleet.dir, "fleet.env")).mtimeMs / 1000 / period);
  for (;;) {
    const now = Math.floor(Date.now() / 1000 / period);
    // The one before is only good to the end of this step, which must not come while it is typed.
    const before = (Date.now() / 1000) % period < period / 3 ? [now - 1] : [];
    for (const step of [now, ...before, now + 1].filter((s) => s >= filled)) {
      try {
        writeFileSync(join(used, `${login}.${step}`), "", { flag: "wx" });
        return totpCode(userNamed(login).totpSecret, step);
      } catch (e) {
        if ((e as NodeJS.ErrnoException).code !== "EEXIST") throw e;
      }
    }
    await sleep(1000);
  }
}
