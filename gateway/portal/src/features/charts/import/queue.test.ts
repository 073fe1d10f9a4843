import { describe, expect, it, vi } from "vitest";
import { ApiProblem } from "@/api";
import { count, createQueue, type Answer, type FileState } from "./queue";

const file = (name: string, size = 100) => {
  const made = new File(["x".repeat(size)], name, { lastModified: 1 });
  return made;
};

const problem = (status: number, retryAfter = 0) => new ApiProblem({ status, reason: "X", title: "x", retryAfter });

/** A server that answers when the test says so. */
function desk() {
  const open = new Map<
    string,
    { resolve: (a: Answer) => void; reject: (e: unknown) => void; sent: (n: number) => void; signal: AbortSignal }
  >();
  const queue = createQueue({
    check: (f) => Promise.resolve(f.name.endsWith(".txt") ? "Only .xml files." : null),
    send: (f, sent, signal) =>
      new Promise<Answer>((resolve, reject) => open.set(f.name, { resolve, reject, sent, signal })),
    pause: () => Promise.resolve(),
  });
  const at = (name: string) => open.get(name) ?? expect.fail(`${name} was not sent`);
  const states = () =>
    Object.fromEntries(queue.items.get().map((i) => [i.file.name, i.state])) as Record<string, FileState>;
  const idOf = (name: string) => queue.items.get().find((i) => i.file.name === name)?.id ?? 0;
  return { queue, open, at, states, idOf };
}

const settled = () => new Promise<void>((resolve) => setTimeout(resolve, 0));
const stored = (...charts: Answer["charts"]): Answer => ({ status: 201, charts });

describe("queue", () => {
  it("sends three at a time, and the next when one is done", async () => {
    const { queue, open, at, states } = desk();
    queue.add(["a.xml", "b.xml", "c.xml", "d.xml", "e.xml"].map((n) => file(n)));
    await settled();
    expect([...open.keys()]).toEqual(["a.xml", "b.xml", "c.xml"]);
    expect(states()["d.xml"]).toBe("waiting");
    at("b.xml").resolve(stored({ id: "1" }));
    await settled();
    expect(states()["b.xml"]).toBe("stored");
    expect([...open.keys()]).toContain("d.xml");
    expect([...open.keys()]).not.toContain("e.xml");
  });

  it("tells new from already there, per file and per chart", async () => {
    const { queue, at, states } = desk();
    queue.add([file("new.xml"), file("old.xml")]);
    await settled();
    at("new.xml").resolve(
      stored({ id: "1", importTime: "2026-03-02T00:00:00Z" }, { id: "2", importTime: "2026-03-01T00:00:00Z" }),
    );
    at("old.xml").resolve({ status: 200, charts: [{ id: "3", importTime: "2026-03-01T00:00:00Z" }] });
    await settled();
    expect(states()).toEqual({ "new.xml": "stored", "old.xml": "present" });
    expect(queue.items.get().flatMap((i) => i.charts.map((c) => c.isNew))).toEqual([true, false, false]);
  });

  it("sends nothing that cannot be a document, and no file twice", async () => {
    const { queue, open, states } = desk();
    expect(queue.add([file("a.txt"), file("b.xml"), file("b.xml")])).toEqual({ added: 2, known: 1 });
    expect(queue.add([file("b.xml")])).toEqual({ added: 0, known: 1 });
    await settled();
    expect(states()).toEqual({ "a.txt": "rejected", "b.xml": "uploading" });
    expect(open.size).toBe(1);
  });

  it("says how far it is, and that the service reads when all has left", async () => {
    const { queue, at, states } = desk();
    queue.add([file("a.xml", 100), file("b.xml", 300)]);
    await settled();
    at("a.xml").sent(50);
    expect(count(queue.items.get()).share).toBeCloseTo(0.125);
    at("a.xml").sent(120);
    expect(states()["a.xml"]).toBe("reading");
    expect(queue.items.get()[0]?.sent).toBe(100);
  });

  it("keeps a refusal, and tries again what may be another answer", async () => {
    const { queue, at, states, idOf } = desk();
    queue.add([file("bad.xml"), file("away.xml")]);
    await settled();
    at("bad.xml").reject(problem(400));
    at("away.xml").reject(problem(0));
    await settled();
    expect(states()).toEqual({ "bad.xml": "refused", "away.xml": "failed" });
    queue.retry(idOf("bad.xml"));
    expect(states()["bad.xml"]).toBe("refused");
    queue.retryAll();
    await settled();
    expect(states()["away.xml"]).toBe("uploading");
    at("away.xml").resolve(stored());
    await settled();
    expect(count(queue.items.get())).toMatchObject({ total: 2, moving: 0, stored: 1, refused: 1, failed: 0, share: 1 });
  });

  it("waits as the gateway asks, a few times", async () => {
    const pause = vi.fn(() => Promise.resolve());
    const send = vi.fn<() => Promise<Answer>>().mockRejectedValue(problem(429, 7));
    const queue = createQueue({ check: () => Promise.resolve(null), send, pause });
    queue.add([file("a.xml")]);
    await vi.waitFor(() => expect(queue.items.get()[0]?.state).toBe("failed"), 20_000);
    expect(send).toHaveBeenCalledTimes(4);
    expect(pause).toHaveBeenCalledTimes(3);
    expect(pause).toHaveBeenCalledWith(7000);
  });

  it("cancels what waits and what travels, and fills the place", async () => {
    const { queue, open, at, states, idOf } = desk();
    queue.add(["a.xml", "b.xml", "c.xml", "d.xml"].map((n) => file(n)));
    await settled();
    queue.cancel(idOf("a.xml"));
    await settled();
    expect(at("a.xml").signal.aborted).toBe(true);
    expect(states()["a.xml"]).toBe("cancelled");
    expect([...open.keys()]).toContain("d.xml");
    at("a.xml").reject(new DOMException("x", "AbortError"));
    await settled();
    expect(states()["a.xml"]).toBe("cancelled");
    queue.retry(idOf("a.xml"));
    expect(states()["a.xml"]).toBe("waiting");
  });

  it("removes, clears and stops", async () => {
    const { queue, at, states, idOf } = desk();
    queue.add(["a.xml", "b.xml", "c.xml", "d.xml"].map((n) => file(n)));
    await settled();
    at("a.xml").resolve(stored());
    await settled();
    queue.clearFinished();
    expect(Object.keys(states())).toEqual(["b.xml", "c.xml", "d.xml"]);
    queue.remove(idOf("b.xml"));
    expect(at("b.xml").signal.aborted).toBe(true);
    queue.stop();
    expect(states()).toEqual({ "c.xml": "cancelled", "d.xml": "cancelled" });
    expect(at("c.xml").signal.aborted).toBe(true);
  });

  it("says that a file that vanished cannot be read", async () => {
    const queue = createQueue({ check: () => Promise.reject(new Error("gone")), send: vi.fn() });
    queue.add([file("a.xml")]);
    await settled();
    expect(queue.items.get()[0]).toMatchObject({
      state: "rejected",
      objection: "The file cannot be read. Add it again.",
    });
  });
});
