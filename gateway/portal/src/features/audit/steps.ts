import type { StepId } from "./proof/verify";

/** What each step of a verification is about, as a sentence that holds when it is good. */
export const stepTitles: Readonly<Record<StepId, string>> = {
  leaf: "The evidence is well-formed",
  fields: "The entry shown is the evidence",
  detail: "Changes and reason belong to it",
  hash: "The leaf hash is that of the evidence",
  path: "The log holds it at this place",
  checkpoint: "The checkpoint is about that log",
  key: "The checkpoint names the log’s key",
  signature: "The log signed the checkpoint",
  growth: "The log has only grown since",
};
