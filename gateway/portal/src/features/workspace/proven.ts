import { fromBase64, same, toHex, type Bytes } from "@/features/audit/proof/bytes";
import { differences, parseLeaf } from "@/features/audit/proof/leaf";
import { leafHash, rootOfInclusion } from "@/features/audit/proof/merkle";
import { checkNote } from "@/features/audit/proof/verify";
import type { Schema } from "@/api";
import type { AuditLog } from "./model";

export type ProvenEvent = Schema<"v1ProvenEvent">;

/** What the browser found about one page of a log by arithmetic alone. */
export interface PageProof {
  /** Whether the checkpoint of the page is signed by the log's key. */
  readonly signed: boolean;
  readonly treeSize: number;
  /** Ids of the entries that the signed log holds as they are shown. */
  readonly proven: ReadonlySet<string>;
}

const bytesOf = (text: string | undefined): Bytes => fromBase64(text ?? "") ?? new Uint8Array();

/** Verifies every entry of a page against the page's checkpoint, and that against the log's key. */
export async function provePage(page: AuditLog, verifierKey: string): Promise<PageProof> {
  const treeSize = Number(page.treeSize ?? 0);
  const root = bytesOf(page.rootHash);
  const { checkpoint } = await checkNote(page.checkpoint ?? "", { size: treeSize, root }, verifierKey);
  const proven = new Set<string>();
  for (const entry of page.events ?? []) {
    if (checkpoint && (await holds(entry, treeSize, root))) proven.add(entry.event?.id ?? "");
  }
  return { signed: checkpoint !== null, treeSize, proven };
}

async function holds({ event, leafInput, path }: ProvenEvent, treeSize: number, root: Bytes): Promise<boolean> {
  if (!event) return false;
  const input = bytesOf(leafInput);
  const leaf = parseLeaf(input);
  if (!leaf || differences(leaf, event).length > 0) return false;
  const hash = await leafHash(input);
  if (toHex(hash) !== event.leafHash) return false;
  const reached = await rootOfInclusion(Number(event.leafIndex), treeSize, hash, (path ?? []).map(bytesOf));
  return reached !== null && same(reached, root);
}
