import { readFileSync } from "node:fs";
import { describe, expect, it, vi } from "vitest";
import type { Schema } from "@/api";
import { fromBase64, toBase64 } from "./bytes";
import type { AuditEvent } from "./leaf";
import { parseCheckpoint, parseNote, parseVerifierKey } from "./note";
import {
  checkNote,
  verifyEntry,
  verifyGrowth,
  type ConsistencyProof,
  type InclusionProof,
  type StepId,
  type Verification,
} from "./verify";

// What the audit service answers about a small log; a test over there keeps it so.
interface Vectors {
  verifierKey: string;
  events: AuditEvent[];
  inclusion: InclusionProof[];
  checkpoints: Schema<"v1Checkpoint">[];
  consistency: ConsistencyProof[];
}
const vectors = JSON.parse(readFileSync("../../services/audit/testdata/vectors.json", "utf8")) as Vectors;

function present<T>(value: T | null | undefined): T {
  if (value === undefined || value === null) throw new Error("the vectors lack what this test needs");
  return value;
}

/** Entry 3 has changes and a reason and stands in the middle of the tree. */
const at = 3;
const entry = (): AuditEvent => structuredClone(present(vectors.events[at]));
const proof = (): InclusionProof => structuredClone(present(vectors.inclusion[at]));

const failed = (result: Verification): StepId[] => result.steps.filter((s) => !s.ok).map((s) => s.id);

function flipped(base64: string | undefined, byte = 5): string {
  const bytes = present(fromBase64(present(base64)));
  bytes[byte] = present(bytes[byte]) ^ 1;
  return toBase64(bytes);
}

const leafText = (p: InclusionProof) => new TextDecoder().decode(present(fromBase64(present(p.leafInput))));
const leafOf = (text: string) => toBase64(new TextEncoder().encode(text));

describe("an entry of the log", () => {
  it("verifies in every tree that holds it", async () => {
    expect(vectors.inclusion.length).toBeGreaterThan(vectors.events.length);
    for (const p of vectors.inclusion) {
      const event = present(vectors.events[present(p.leafIndex)]);
      const result = await verifyEntry(event, p, vectors.verifierKey);
      expect(failed(result), `leaf ${present(p.leafIndex)} of ${present(p.treeSize)}`).toEqual([]);
      expect(result.checkpoint?.size).toBe(p.treeSize);
      expect(result.steps.map((s) => s.id)).toEqual([
        "leaf",
        "fields",
        "detail",
        "hash",
        "path",
        "checkpoint",
        "key",
        "signature",
      ]);
    }
  });

  it("verifies without the browser's own Ed25519", async () => {
    vi.spyOn(crypto.subtle, "importKey").mockRejectedValue(new DOMException("unknown algorithm", "NotSupportedError"));
    expect(failed(await verifyEntry(entry(), proof(), vectors.verifierKey))).toEqual([]);
    const p = proof();
    p.checkpoint = signatureFlipped(present(p.checkpoint));
    expect(failed(await verifyEntry(entry(), p, vectors.verifierKey))).toEqual(["signature"]);
  });
});

function signatureFlipped(note: string): string {
  return note.replace(/(— \S+ )(\S+)/, (_, name: string, signature: string) => name + flipped(signature, 20));
}

describe("what was tampered with fails at its step", () => {
  const changes: Record<string, [StepId[], (e: AuditEvent, p: InclusionProof) => void]> = {
    "a byte of the leaf that breaks its form": [["leaf", "path"], (_, p) => (p.leafInput = flipped(p.leafInput, 0))],
    "a value in the leaf": [
      ["fields", "hash", "path"],
      (_, p) => (p.leafInput = leafOf(leafText(p).replace("billing", "collects"))),
    ],
    "a leaf that says the same in another way": [
      ["leaf", "path"],
      (_, p) => (p.leafInput = leafOf(leafText(p).replace(",", ", "))),
    ],
    "a leaf with one more field": [
      ["fields", "hash", "path"],
      (_, p) => (p.leafInput = leafOf(leafText(p).replace('"v":1', '"u":"x","v":1'))),
    ],
    "a leaf of another version": [
      ["leaf", "path"],
      (_, p) => (p.leafInput = leafOf(leafText(p).replace('"v":1', '"v":2'))),
    ],
    "a leaf and an entry that agree": [
      ["hash", "path"],
      (e, p) => {
        p.leafInput = leafOf(leafText(p).replace("cases/", "claims/"));
        e.resource = present(e.resource).replace("cases/", "claims/");
      },
    ],
    "the outcome of the entry": [["fields"], (e) => (e.outcome = "OUTCOME_DENIED")],
    "the stream of the entry": [["fields"], (e) => (e.stream = "STREAM_HUMAN")],
    "the actor of the entry": [["fields"], (e) => (e.actor = "somebody")],
    "the agency of the entry": [["fields"], (e) => (e.agencyId = "9")],
    "the time of the entry": [["fields"], (e) => (e.occurredTime = "2026-03-01T12:03:00.360001Z")],
    "the time the log took it in": [["fields"], (e) => (e.logTime = "2026-03-01T12:03:02Z")],
    "a changed value": [["detail"], (e) => (present(e.changes?.[0]).after = "closed")],
    "changes left out": [["detail"], (e) => (e.changes = [])],
    "the access reason": [["detail"], (e) => (e.accessReason = "Quarterly review")],
    "changes and reason left out together": [["detail"], (e) => ((e.changes = []), (e.accessReason = ""))],
    "the salt": [["detail"], (_, p) => (p.detailSalt = flipped(p.detailSalt))],
    "the displayed leaf hash": [["hash"], (e) => (e.leafHash = "00".repeat(32))],
    "the place of the proof": [["path"], (_, p) => (p.leafIndex = at + 1)],
    "both places": [["path"], (e, p) => ((p.leafIndex = at + 1), (e.leafIndex = String(at + 1)))],
    "a place outside of the tree": [["path"], (e, p) => ((p.leafIndex = 11), (e.leafIndex = "11"))],
    "the size of the tree": [["path", "checkpoint"], (_, p) => (p.treeSize = 5)],
    // A tree of twelve has the same path to this leaf; only what is signed tells them apart.
    "a size with the same path": [["checkpoint"], (_, p) => (p.treeSize = 12)],
    "a hash of the path": [["path"], (_, p) => present(p.path).splice(1, 1, flipped(p.path?.[1]))],
    "a shorter path": [["path"], (_, p) => present(p.path).pop()],
    "a longer path": [["path"], (_, p) => present(p.path).push(present(p.rootHash))],
    "hashes in another order": [["path"], (_, p) => present(p.path).reverse()],
    "the root": [["path", "checkpoint"], (_, p) => (p.rootHash = flipped(p.rootHash))],
    "the size in the checkpoint": [
      ["checkpoint", "signature"],
      (_, p) => (p.checkpoint = present(p.checkpoint).replace("\n11\n", "\n12\n")),
    ],
    "the origin in the checkpoint": [
      ["key", "signature"],
      (_, p) => (p.checkpoint = present(p.checkpoint).replace("vectors.example", "vectors.invalid")),
    ],
    "the signature": [["signature"], (_, p) => (p.checkpoint = signatureFlipped(present(p.checkpoint)))],
    "no signature": [
      ["checkpoint", "key", "signature"],
      (_, p) => (p.checkpoint = present(p.checkpoint).replace(/— .*\n/, "")),
    ],
    "a signature under another name": [
      ["key", "signature"],
      (_, p) => (p.checkpoint = present(p.checkpoint).replace("— vectors", "— others")),
    ],
    "a checkpoint of another time": [
      ["checkpoint"],
      (_, p) => (p.checkpoint = present(vectors.checkpoints[1]?.checkpoint)),
    ],
    "no checkpoint": [["checkpoint", "key", "signature"], (_, p) => (p.checkpoint = "")],
    "another entry's proof": [["fields", "detail", "hash", "path"], (_, p) => Object.assign(p, vectors.inclusion[4])],
    "an empty answer": [
      ["leaf", "path", "checkpoint", "key", "signature"],
      (_, p) => Object.keys(p).forEach((k) => Reflect.deleteProperty(p, k)),
    ],
  };
  it.each(Object.entries(changes))("%s", async (_, [steps, change]) => {
    const e = entry();
    const p = proof();
    change(e, p);
    const result = await verifyEntry(e, p, vectors.verifierKey);
    expect(failed(result)).toEqual(steps);
    for (const s of result.steps) expect(s.found).not.toBe("");
    if (steps.some((s) => ["checkpoint", "key", "signature"].includes(s))) expect(result.checkpoint).toBeNull();
  });
});

describe("the verifier key", () => {
  const [name = "", hash = "", key = ""] = /^(.*)\+(.{8})\+(.*)$/.exec(vectors.verifierKey)?.slice(1) ?? [];

  it.each([
    ["a byte of the key", `${name}+${hash}+${flipped(key)}`],
    ["its hash", `${name}+00000000+${key}`],
    ["its name", `other.example+${hash}+${key}`],
    ["its algorithm", `${name}+${hash}+${flipped(key, 0)}`],
    ["nothing", ""],
  ])("changed in %s is no key", async (_, text) => {
    expect(await parseVerifierKey(text)).toBeNull();
    expect(failed(await verifyEntry(entry(), proof(), text))).toEqual(["key", "signature"]);
  });

  it("of somebody else does not sign for this log", async () => {
    const other = toBase64(Uint8Array.from([1, ...new Array<number>(32).fill(9)]));
    const sum = new Uint8Array(
      await crypto.subtle.digest(
        "SHA-256",
        new Uint8Array([...new TextEncoder().encode(`${name}\n`), ...present(fromBase64(other))]),
      ),
    );
    const hex = Array.from(sum.slice(0, 4), (b) => b.toString(16).padStart(2, "0")).join("");
    const text = `${name}+${hex}+${other}`;
    expect(await parseVerifierKey(text)).not.toBeNull();
    expect(failed(await verifyEntry(entry(), proof(), text))).toEqual(["key", "signature"]);
  });
});

describe("checkpoints", () => {
  it("are read as they are signed", async () => {
    for (const c of vectors.checkpoints) {
      const { steps, checkpoint } = await checkNote(
        present(c.checkpoint),
        { size: Number(c.treeSize), root: present(fromBase64(present(c.rootHash))) },
        present(c.verifierKey),
      );
      expect(steps.every((s) => s.ok)).toBe(true);
      expect(checkpoint?.origin).toBe("vectors.example/audit");
    }
  });

  it.each(["", "a\n\n", "a\n01\nAA==\n", "a\n-1\nAA==\n", "a\n1\nAA==\n", "a\n1\n" + "A".repeat(43) + "="])(
    "of another form are none: %j",
    (text) => {
      expect(parseCheckpoint(text)).toBeNull();
    },
  );

  it.each([
    "",
    "text\n",
    "text\n\nname sig\n",
    "text\n\n— name AAAA\n",
    "text\n\n— name !!\n",
    "text\n\n— name AAAAAAAA",
  ])("in notes of another form are none: %j", (text) => {
    expect(parseNote(text)).toBeNull();
  });
});

describe("growth", () => {
  const read = (size: string | undefined) => {
    const c = present(vectors.checkpoints.find((one) => one.treeSize === size));
    return present(parseCheckpoint(present(parseNote(present(c.checkpoint))).text));
  };

  it("is proven between every two checkpoints", async () => {
    expect(vectors.consistency.length).toBeGreaterThan(10);
    for (const p of vectors.consistency) {
      expect((await verifyGrowth(read(p.from), read(p.to), p)).ok, `${present(p.from)} to ${present(p.to)}`).toBe(true);
    }
  });

  const between = (from: string, to: string) =>
    structuredClone(present(vectors.consistency.find((p) => p.from === from && p.to === to)));

  it.each(["4", "6", "7", "8"])("of a tree of %s is refused when anything of it is changed", async (from) => {
    const older = read(from);
    const newer = read("11");
    const { path = [] } = between(from, "11");
    for (let i = 0; i < path.length; i++) {
      const changed = path.with(i, flipped(path[i]));
      expect((await verifyGrowth(older, newer, { path: changed })).ok).toBe(false);
      expect((await verifyGrowth(older, newer, { path: path.toSpliced(i, 1) })).ok).toBe(false);
    }
    expect((await verifyGrowth(older, newer, { path: [...path, present(path[0])] })).ok).toBe(false);
    expect((await verifyGrowth({ ...older, root: newer.root }, newer, { path })).ok).toBe(false);
    expect((await verifyGrowth(older, { ...newer, root: older.root }, { path })).ok).toBe(false);
    expect((await verifyGrowth({ ...older, size: older.size - 1 }, newer, { path })).ok).toBe(false);
    expect((await verifyGrowth(older, { ...newer, size: 7 }, { path })).ok).toBe(false);
    expect((await verifyGrowth({ ...older, origin: "another" }, newer, { path })).ok).toBe(false);
    expect((await verifyGrowth(newer, older, { path })).ok).toBe(false);
    expect((await verifyGrowth(older, newer, null)).ok).toBe(false);
  });

  it("of nothing is the same root", async () => {
    const one = read("11");
    expect((await verifyGrowth(one, one, null)).ok).toBe(true);
    expect((await verifyGrowth(one, { ...one, root: read("8").root }, null)).ok).toBe(false);
  });
});
