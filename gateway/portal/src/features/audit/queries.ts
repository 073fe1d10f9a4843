import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, nextPage, read } from "@/api";
import { fromBase64 } from "./proof/bytes";
import type { AuditEvent } from "./proof/leaf";
import { checkNote, verifyEntry, type InclusionProof, type Step, type Trusted } from "./proof/verify";
import type { AuditQuery } from "./search";
import { follow } from "./trust";

export type { AuditEvent };

export const eventsQuery = (query: AuditQuery) =>
  infiniteQueryOptions({
    queryKey: ["audit", "events", query],
    queryFn: ({ pageParam, signal }) =>
      read(api.GET("/api/audit/events", { params: { query: { ...query, pageToken: pageParam } }, signal })),
    ...nextPage,
  });

export const eventQuery = (id: string) =>
  queryOptions({
    queryKey: ["audit", "event", id],
    queryFn: ({ signal }) => read(api.GET("/api/audit/events/{id}", { params: { path: { id } }, signal })),
    // An entry never changes.
    staleTime: Infinity,
  });

const growth = (from: number, to: number) =>
  read(api.GET("/api/audit/consistency", { params: { query: { from: String(from), to: String(to) } } }));

const checkpointNow = (signal: AbortSignal) => read(api.GET("/api/audit/checkpoint", { signal }));

export interface Checked {
  readonly steps: readonly Step[];
  readonly checkpoint: Trusted | null;
  readonly verifierKey: string;
  readonly at: string;
}

export interface CheckedEntry extends Checked {
  readonly proof: InclusionProof;
}

/** What was checked, and whether the log only grew since this window saw it first. */
async function withGrowth(steps: readonly Step[], checkpoint: Trusted | null, verifierKey: string): Promise<Checked> {
  const grown = checkpoint ? [await follow(checkpoint, verifierKey, growth)] : [];
  return { steps: [...steps, ...grown], checkpoint, verifierKey, at: new Date().toISOString() };
}

/** The newest checkpoint, verified in this browser. */
export const checkpointQuery = queryOptions({
  queryKey: ["audit", "checkpoint"],
  queryFn: async ({ signal }) => {
    const { checkpoint = "", treeSize = "-1", rootHash = "", verifierKey = "" } = await checkpointNow(signal);
    const about = { size: Number(treeSize), root: fromBase64(rootHash) ?? new Uint8Array() };
    const checked = await checkNote(checkpoint, about, verifierKey);
    return { ...(await withGrowth(checked.steps, checked.checkpoint, verifierKey)), note: checkpoint };
  },
});

/** The proof of an entry, verified in this browser. */
export const verificationQuery = (event: AuditEvent) =>
  queryOptions({
    queryKey: ["audit", "verification", event.id ?? ""],
    queryFn: async ({ signal }): Promise<CheckedEntry> => {
      const [proof, { verifierKey = "" }] = await Promise.all([
        read(api.GET("/api/audit/events/{id}/proof", { params: { path: { id: event.id ?? "" } }, signal })),
        checkpointNow(signal),
      ]);
      const checked = await verifyEntry(event, proof, verifierKey);
      return { ...(await withGrowth(checked.steps, checked.checkpoint, verifierKey)), proof };
    },
    staleTime: Infinity,
  });
