import { ApiProblem } from "@/api";
import { createStore, type Store } from "@/api/store";
import type { Chart } from "../queries";

/**
 * Where a file is. `rejected` was never sent, `refused` the service said no to; neither changes by trying again. `failed` had no
 * answer, or one that may be another the next time.
 */
export type FileState =
  | "checking"
  | "rejected"
  | "waiting"
  | "uploading"
  | "reading"
  | "stored"
  | "present"
  | "refused"
  | "failed"
  | "cancelled";

export interface Item {
  readonly id: number;
  readonly file: File;
  readonly state: FileState;
  readonly sent: number;
  /** Charts of the document, with whether each is new. */
  readonly charts: readonly ImportedChart[];
  /** Why it was not sent. */
  readonly objection: string;
  readonly problem: unknown;
}

export interface ImportedChart extends Chart {
  readonly isNew: boolean;
}

export interface Answer {
  readonly status: number;
  readonly charts: readonly Chart[];
}

export interface QueueOptions {
  readonly send: (file: File, onSent: (bytes: number) => void, signal: AbortSignal) => Promise<Answer>;
  readonly check: (file: File) => Promise<string | null>;
  /** How many files travel at a time. */
  readonly atOnce?: number;
  /** Waits, unless the file is cancelled meanwhile. */
  readonly pause?: (ms: number) => Promise<void>;
}

export interface Queue {
  readonly items: Store<readonly Item[]>;
  add(files: readonly File[]): { added: number; known: number };
  cancel(id: number): void;
  retry(id: number): void;
  retryAll(): void;
  remove(id: number): void;
  clearFinished(): void;
  /** Ends everything that is under way. */
  stop(): void;
}

const moving = new Set<FileState>(["checking", "waiting", "uploading", "reading"]);
const retriable = new Set<FileState>(["failed", "cancelled"]);

export const isMoving = (item: Item): boolean => moving.has(item.state);
export const mayRetry = (item: Item): boolean => retriable.has(item.state);

/** How often a file is sent again by itself when the gateway asks to wait. */
const patience = 4;

const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export function createQueue({ send, check, atOnce = 3, pause = sleep }: QueueOptions): Queue {
  const items = createStore<readonly Item[]>([]);
  const controls = new Map<number, AbortController>();
  let nextId = 1;

  const find = (id: number) => items.get().find((item) => item.id === id);
  const change = (id: number, patch: Partial<Item>) =>
    items.set(items.get().map((item) => (item.id === id ? { ...item, ...patch } : item)));

  /** Fills the places that are free. */
  function pump(): void {
    while (controls.size < atOnce) {
      const next = items.get().find((item) => item.state === "waiting" && !controls.has(item.id));
      if (!next) return;
      const control = new AbortController();
      controls.set(next.id, control);
      void carry(next, control).finally(() => {
        if (controls.get(next.id) === control) controls.delete(next.id);
        pump();
      });
    }
  }

  async function carry({ id, file }: Item, control: AbortController): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      change(id, { state: "uploading", sent: 0, problem: undefined });
      try {
        const answer = await send(file, (bytes) => onSent(id, file, bytes), control.signal);
        if (!control.signal.aborted)
          change(id, { state: answer.status === 201 ? "stored" : "present", sent: file.size, charts: judge(answer) });
        return;
      } catch (error) {
        if (control.signal.aborted) return;
        if (!mayWait(error) || attempt === patience) {
          change(id, { state: isRefusal(error) ? "refused" : "failed", problem: error });
          return;
        }
        change(id, { state: "waiting", sent: 0 });
        await pause(Math.max(error.retryAfter, 1) * 1000);
        if (isCancelled(control)) return;
      }
    }
  }

  function onSent(id: number, file: File, bytes: number): void {
    const item = find(id);
    if (item?.state !== "uploading") return;
    // The length that travels counts more than the file where the browser frames it.
    const sent = Math.min(bytes, file.size);
    change(id, { sent, state: sent >= file.size ? "reading" : "uploading" });
  }

  async function examine({ id, file }: Item): Promise<void> {
    // A file that was deleted or changed since it was chosen cannot be read.
    const objection = await check(file).catch(() => "The file cannot be read. Add it again.");
    if (find(id)?.state !== "checking") return;
    change(id, objection === null ? { state: "waiting" } : { state: "rejected", objection });
    pump();
  }

  function wait(id: number): void {
    change(id, { state: "waiting", sent: 0, problem: undefined });
    pump();
  }

  return {
    items,
    add(files) {
      const known = new Set(items.get().map((item) => identity(item.file)));
      const fresh: Item[] = [];
      for (const file of files) {
        if (known.has(identity(file))) continue;
        known.add(identity(file));
        fresh.push({ id: nextId++, file, state: "checking", sent: 0, charts: [], objection: "", problem: undefined });
      }
      items.set([...items.get(), ...fresh]);
      for (const item of fresh) void examine(item);
      return { added: fresh.length, known: files.length - fresh.length };
    },
    cancel(id) {
      const item = find(id);
      if (!item || !isMoving(item)) return;
      controls.get(id)?.abort();
      controls.delete(id);
      change(id, { state: "cancelled", sent: 0 });
      pump();
    },
    retry(id) {
      const item = find(id);
      if (item && mayRetry(item)) wait(id);
    },
    retryAll() {
      for (const item of items.get()) if (mayRetry(item)) wait(item.id);
    },
    remove(id) {
      controls.get(id)?.abort();
      controls.delete(id);
      items.set(items.get().filter((item) => item.id !== id));
      pump();
    },
    clearFinished() {
      items.set(items.get().filter(isMoving));
    },
    stop() {
      for (const control of controls.values()) control.abort();
      controls.clear();
      items.set(items.get().map((item) => (isMoving(item) ? { ...item, state: "cancelled", sent: 0 } : item)));
    },
  };
}

/** Asked anew after each wait: meanwhile somebody may have pressed the button. */
const isCancelled = (control: AbortController) => control.signal.aborted;

/** The same file twice is one file. */
const identity = (file: File) => `${file.name}\n${file.size}\n${file.lastModified}`;

/** New charts of one document bear the time of this import; a chart that was there bears an earlier one. */
function judge({ status, charts }: Answer): ImportedChart[] {
  const newest = charts.reduce(
    (latest, chart) => ((chart.importTime ?? "") > latest ? (chart.importTime ?? "") : latest),
    "",
  );
  return charts.map((chart) => ({ ...chart, isNew: status === 201 && chart.importTime === newest }));
}

function mayWait(error: unknown): error is ApiProblem {
  return error instanceof ApiProblem && (error.status === 429 || error.status === 503);
}

/** The service looked at it and said no; sending it again changes nothing. */
function isRefusal(error: unknown): boolean {
  return (
    error instanceof ApiProblem && error.status >= 400 && error.status < 500 && ![401, 408, 429].includes(error.status)
  );
}

export interface Counts {
  readonly total: number;
  readonly moving: number;
  readonly stored: number;
  readonly present: number;
  /** Refused by the service, or not even sent. */
  readonly refused: number;
  readonly failed: number;
  readonly charts: number;
  readonly findings: number;
  /** Share of all bytes that have been dealt with, 0 to 1. */
  readonly share: number;
}

export function count(items: readonly Item[]): Counts {
  const of = (...states: FileState[]) => items.filter((item) => states.includes(item.state)).length;
  const charts = items.flatMap((item) => item.charts);
  const bytes = items.reduce((sum, item) => sum + item.file.size, 0);
  const done = items.reduce((sum, item) => sum + (isMoving(item) ? item.sent : item.file.size), 0);
  return {
    total: items.length,
    moving: items.filter(isMoving).length,
    stored: of("stored"),
    present: of("present"),
    refused: of("refused", "rejected"),
    failed: of("failed", "cancelled"),
    charts: charts.length,
    findings: charts.reduce((sum, chart) => sum + (chart.findings?.length ?? 0), 0),
    share: bytes === 0 ? 0 : done / bytes,
  };
}
