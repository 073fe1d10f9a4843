import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { chooseAgency } from "./agency";
import { session } from "./session";
import { upload } from "./upload";

/** What a browser's XMLHttpRequest does, as far as an upload sees it. */
class FakeRequest extends EventTarget {
  static last: FakeRequest;
  upload = new EventTarget();
  sent: Record<string, string> = {};
  method = "";
  url = "";
  status = 0;
  statusText = "";
  responseText = "";
  private answers: Record<string, string> = {};

  constructor() {
    super();
    FakeRequest.last = this;
  }
  open(method: string, url: URL) {
    this.method = method;
    this.url = url.pathname;
  }
  setRequestHeader(name: string, value: string) {
    this.sent[name.toLowerCase()] = value;
  }
  getResponseHeader(name: string) {
    return this.answers[name] ?? null;
  }
  send() {
    /* answered by the test */
  }
  abort() {
    this.dispatchEvent(new Event("abort"));
  }
  progress(loaded: number) {
    this.upload.dispatchEvent(new ProgressEvent("progress", { loaded }));
  }
  answer(status: number, body: object, headers: Record<string, string> = {}) {
    this.status = status;
    this.responseText = JSON.stringify(body);
    this.answers = { "Content-Type": status < 400 ? "application/json" : "application/problem+json", ...headers };
    this.dispatchEvent(new Event("load"));
  }
}

beforeEach(() => vi.stubGlobal("XMLHttpRequest", FakeRequest));
afterEach(() => vi.unstubAllGlobals());

const file = () => new Blob(["<EMSDataSet/>"]);

describe("upload", () => {
  it("carries what every call carries, and says how far it is", async () => {
    document.cookie = "__Host-fleet-csrf=token-1";
    chooseAgency("2");
    const sent: number[] = [];
    const done = upload({
      path: "/api/x",
      body: file(),
      contentType: "application/xml",
      onSent: (n) => sent.push(n),
    });
    const xhr = FakeRequest.last;
    expect([xhr.method, xhr.url, xhr.sent["content-type"], xhr.sent["x-agency-id"]]).toEqual([
      "POST",
      "/api/x",
      "application/xml",
      "2",
    ]);
    expect(xhr.sent).toHaveProperty("x-csrf-token");
    xhr.progress(5);
    xhr.answer(201, { ok: true });
    expect(await done).toEqual({ status: 201, data: { ok: true } });
    expect(sent).toEqual([5, 13]);
  });

  it("answers a refusal as the problem that the gateway wrote", async () => {
    const done = upload({ path: "/api/x", body: file(), contentType: "application/xml" });
    FakeRequest.last.answer(
      429,
      { status: 429, reason: "RATE_LIMITED", title: "RATE_LIMITED", instance: "req-9" },
      { "Retry-After": "7" },
    );
    await expect(done).rejects.toMatchObject({
      status: 429,
      reason: "RATE_LIMITED",
      requestId: "req-9",
      retryAfter: 7,
    });
  });

  it("ends the session with the session", async () => {
    const done = upload({ path: "/api/x", body: file(), contentType: "application/xml" });
    FakeRequest.last.answer(401, { status: 401, reason: "SESSION_IDLE" });
    await expect(done).rejects.toMatchObject({ status: 401 });
    expect(session.get().ended).toBe("idle");
  });

  it("can be cancelled, before and while it runs", async () => {
    const control = new AbortController();
    const done = upload({ path: "/api/x", body: file(), contentType: "application/xml", signal: control.signal });
    control.abort();
    await expect(done).rejects.toMatchObject({ name: "AbortError" });
    await expect(
      upload({ path: "/api/x", body: file(), contentType: "application/xml", signal: control.signal }),
    ).rejects.toMatchObject({
      name: "AbortError",
    });
  });

  it("says when there is no answer", async () => {
    const done = upload({ path: "/api/x", body: file(), contentType: "application/xml" });
    FakeRequest.last.dispatchEvent(new Event("error"));
    await expect(done).rejects.toMatchObject({ status: 0, reason: "NETWORK" });
  });
});
