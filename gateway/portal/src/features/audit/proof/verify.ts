import type { Schema } from "@/api";
import { fromBase64, same, toHex, type Bytes } from "./bytes";
import { detailHash, detailOf, differences, parseLeaf, type AuditEvent } from "./leaf";
import { grew, leafHash, rootOfInclusion } from "./merkle";
import { parseCheckpoint, parseNote, parseVerifierKey, signatureOf, signedBy, type Checkpoint } from "./note";

export type InclusionProof = Schema<"v1InclusionProof">;
export type ConsistencyProof = Schema<"v1ConsistencyProof">;

export type StepId = "leaf" | "fields" | "detail" | "hash" | "path" | "checkpoint" | "key" | "signature" | "growth";

/** One thing that was checked: whether it holds, and what was found. */
export interface Step {
  readonly id: StepId;
  readonly ok: boolean;
  readonly found: string;
}

const step = (id: StepId, ok: boolean, found: string): Step => ({ id, ok, found });

/** A signed statement about the log whose signature was checked. */
export interface Trusted extends Checkpoint {
  readonly note: string;
}

export interface Verification {
  readonly steps: readonly Step[];
  /** The checkpoint of the proof; null unless all that makes it one holds. */
  readonly checkpoint: Trusted | null;
}

const bytesOf = (text: string | undefined): Bytes => fromBase64(text ?? "") ?? new Uint8Array();

const counted = (n: number) => n.toLocaleString("en-US");

async function checkDetail(event: AuditEvent, committed: unknown, salt: string | undefined): Promise<Step> {
  const detail = detailOf(event);
  const holds = (await detailHash(detail, bytesOf(salt))) === committed;
  if (!holds) return step("detail", false, "The changes or the access reason are not those that the leaf commits to.");
  return step(
    "detail",
    true,
    detail === ""
      ? "The entry has no changes and no access reason, and the leaf says so."
      : "Changes and access reason have the salted hash in the leaf.",
  );
}

async function checkEntry(event: AuditEvent, proof: InclusionProof): Promise<Step[]> {
  const input = bytesOf(proof.leafInput);
  const leaf = parseLeaf(input);
  if (!leaf) return [step("leaf", false, "The bytes are not the canonical JSON of a leaf.")];
  const other = differences(leaf, event);
  const hash = toHex(await leafHash(input));
  return [
    step("leaf", true, `${input.length} bytes of canonical JSON.`),
    step(
      "fields",
      other.length === 0,
      other.length === 0 ? "Every field says the same." : `The leaf says something else in: ${other.join(", ")}.`,
    ),
    await checkDetail(event, leaf.detailSha256, proof.detailSalt),
    step("hash", hash === event.leafHash, `SHA-256 ${hash}`),
  ];
}

async function checkPath(event: AuditEvent, proof: InclusionProof): Promise<Step> {
  const { leafIndex = -1, treeSize = -1, path = [] } = proof;
  const where = `Leaf ${counted(leafIndex)} of a tree of ${counted(treeSize)}, by ${path.length} hashes`;
  if (String(leafIndex) !== event.leafIndex) return step("path", false, `${where}: the entry stands at another place.`);
  const root = await rootOfInclusion(leafIndex, treeSize, await leafHash(bytesOf(proof.leafInput)), path.map(bytesOf));
  if (!root) return step("path", false, `${where}: there is no such path.`);
  return same(root, bytesOf(proof.rootHash))
    ? step("path", true, `${where}: they lead to the root.`)
    : step("path", false, `${where}: they lead to another root.`);
}

/** Checks the form, the key and the signature of a signed note, in this order. */
export async function checkNote(
  note: string,
  about: { size: number; root: Bytes },
  verifierKey: string,
): Promise<{ steps: Step[]; checkpoint: Trusted | null }> {
  const parsed = parseNote(note);
  const checkpoint = parsed && parseCheckpoint(parsed.text);
  const matches = checkpoint?.size === about.size && same(checkpoint.root, about.root);
  const steps = [
    step(
      "checkpoint",
      matches,
      matches
        ? `The log “${checkpoint.origin}” with ${counted(checkpoint.size)} entries and this root.`
        : "The checkpoint is about another tree.",
    ),
  ];
  const key = await parseVerifierKey(verifierKey);
  const known = parsed && key && signatureOf(parsed, key) && key.name === checkpoint?.origin ? key : null;
  steps.push(
    step(
      "key",
      known !== null,
      known
        ? `${known.name}, key hash ${known.hash}`
        : "The checkpoint is not signed under the name and key hash of this verifier key.",
    ),
  );
  const signed = parsed !== null && known !== null && (await signedBy(parsed, known));
  steps.push(
    step(
      "signature",
      signed,
      signed ? "The Ed25519 signature is good." : "There is no good signature of the log's key.",
    ),
  );
  return { steps, checkpoint: matches && signed ? { ...checkpoint, note } : null };
}

/** Verifies with nothing but arithmetic that an entry is what the log holds and signed for. */
export async function verifyEntry(
  event: AuditEvent,
  proof: InclusionProof,
  verifierKey: string,
): Promise<Verification> {
  const entry = await checkEntry(event, proof);
  const path = await checkPath(event, proof);
  const signed = await checkNote(
    proof.checkpoint ?? "",
    { size: proof.treeSize ?? -1, root: bytesOf(proof.rootHash) },
    verifierKey,
  );
  return { steps: [...entry, path, ...signed.steps], checkpoint: signed.checkpoint };
}

/** Verifies that the log of the one checkpoint is the beginning of that of the other. */
export async function verifyGrowth(
  older: Checkpoint,
  newer: Checkpoint,
  proof: ConsistencyProof | null,
): Promise<Step> {
  const what = `From ${counted(older.size)} to ${counted(newer.size)} entries`;
  const holds =
    older.origin === newer.origin &&
    (await grew(older.size, newer.size, older.root, newer.root, (proof?.path ?? []).map(bytesOf)));
  if (!holds)
    return step("growth", false, `${what}: the log of the earlier checkpoint is not the beginning of this one.`);
  return step(
    "growth",
    true,
    older.size === newer.size ? `${what}: the same log.` : `${what}: nothing before was changed or taken away.`,
  );
}
