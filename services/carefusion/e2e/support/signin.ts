import { expect, type Browser, type BrowserContext, type Page } from "@playwright/test";
import { createHmac } from "node:crypto";
import { local, person } from "./local.ts";

function base32(text: string): Buffer {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  let bits = "";
  for (const c of text) bits += alphabet.indexOf(c).toString(2).padStart(5, "0");
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((b) => parseInt(b, 2)));
}

/** The code of RFC 6238 in a 30-second step. */
function code(secret: string, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const sum = createHmac("sha1", base32(secret)).update(counter).digest();
  const at = (sum.at(-1) ?? 0) & 0xf;
  return String((sum.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

const used = new Map<string, number>();

/** A code that this run has not used: each is good once, and the clocks of both sides may differ by one step. */
async function freshCode(name: string): Promise<string> {
  const step = () => Math.floor(Date.now() / 30_000);
  const next = Math.max(step(), (used.get(name) ?? 0) + 1);
  while (next > step() + 1) await new Promise((done) => setTimeout(done, 500));
  used.set(name, next);
  return code(person(name).totp, next);
}

/** Types name, password and code at the issuer, as a person does. */
export async function signInOn(page: Page, name: string, path = "/"): Promise<void> {
  await page.goto(path);
  await page.getByRole("link", { name: "Sign in" }).click();
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(local.password);
  await page.getByLabel("Code of the authenticator").fill(await freshCode(name));
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("button", { name: "Sign out" })).toBeVisible();
}

export interface Seat {
  readonly context: BrowserContext;
  readonly page: Page;
}

/** A browser of somebody's own, signed in, whose calls can be measured. */
export async function seat(browser: Browser, name: string, path = "/", options: Parameters<Browser["newContext"]>[0] = {}): Promise<Seat> {
  const context = await browser.newContext(options);
  await context.addInitScript(() => {
    const made: RTCPeerConnection[] = [];
    Object.assign(window, { made });
    const Real = window.RTCPeerConnection;
    window.RTCPeerConnection = class extends Real {
      constructor(configuration?: RTCConfiguration) {
        super(configuration);
        made.push(this);
      }
    };
  });
  const page = await context.newPage();
  await signInOn(page, name, path);
  return { context, page };
}
