import { createStore } from "@/api/store";
import { verifyGrowth, type ConsistencyProof, type Step, type Trusted } from "./proof/verify";

/** The largest log that this window has seen signed; in memory only, so that a reload begins anew. */
export interface Memory {
  readonly checkpoint: Trusted;
  readonly verifierKey: string;
}

export const memory = createStore<Memory | null>(null);

/**
 * Holds a checkpoint whose signature is good against the one remembered: both must tell of one log, under one key. Who can sign
 * another history can show it to somebody new, but not to a window that remembers this one.
 */
export async function follow(
  checkpoint: Trusted,
  verifierKey: string,
  prove: (from: number, to: number) => Promise<ConsistencyProof>,
): Promise<Step> {
  const before = memory.get();
  if (!before) {
    memory.set({ checkpoint, verifierKey });
    return {
      id: "growth",
      ok: true,
      found: "The first checkpoint that this window has seen; later ones are held against it.",
    };
  }
  if (before.verifierKey !== verifierKey) {
    return { id: "growth", ok: false, found: "The log is signed with another key than before in this window." };
  }
  const [older, newer] =
    before.checkpoint.size <= checkpoint.size ? [before.checkpoint, checkpoint] : [checkpoint, before.checkpoint];
  const step = await verifyGrowth(older, newer, older.size === newer.size ? null : await prove(older.size, newer.size));
  if (step.ok && newer === checkpoint) memory.set({ checkpoint, verifierKey });
  return step;
}
