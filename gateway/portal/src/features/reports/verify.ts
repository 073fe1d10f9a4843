import type { Execution, Exclusion, Row } from "./figures";

/** SHA-256 in hex, computed in this browser. */
export async function sha256Hex(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(bytes)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export type Verdict =
  | { readonly verified: true; readonly sha256: string; readonly bytes: number }
  | { readonly verified: false; readonly sha256: string; readonly bytes: number; readonly why: "hash" | "figures" };

/** The stored answer in its canonical text. Null and absent are the same: no figure. */
interface Answer {
  n?: number;
  excluded?: Exclusion[];
  rows?: (Omit<Row, `${string}Seconds`> & Partial<Record<string, unknown>>)[];
}

const figures = ["medianSeconds", "p90Seconds", "meanSeconds", "p10Seconds", "p25Seconds", "p75Seconds"] as const;

/** Whether the exported bytes have the hash of the execution, and say what the page shows. */
export async function verify(execution: Execution, exported: ArrayBuffer): Promise<Verdict> {
  const sha256 = await sha256Hex(exported);
  const found = { sha256, bytes: exported.byteLength };
  if (sha256 !== execution.resultSha256) return { ...found, verified: false, why: "hash" };
  return shows(execution, JSON.parse(new TextDecoder().decode(exported)) as Answer)
    ? { ...found, verified: true }
    : { ...found, verified: false, why: "figures" };
}

const same = (a: readonly Exclusion[] | undefined, b: readonly Exclusion[] | undefined) =>
  (a ?? []).length === (b ?? []).length && (a ?? []).every((x, i) => x.reason === b?.[i]?.reason && x.n === b?.[i]?.n);

function shows(execution: Execution, answer: Answer): boolean {
  const [shown, stored] = [execution.rows ?? [], answer.rows ?? []];
  return (
    execution.n === answer.n &&
    same(execution.excluded, answer.excluded) &&
    shown.length === stored.length &&
    shown.every((row, i) => {
      const other = stored[i];
      return (
        row.group === other?.group &&
        row.n === other?.n &&
        same(row.excluded, other?.excluded) &&
        figures.every((f) => (row[f] ?? null) === (other?.[f] ?? null))
      );
    })
  );
}
