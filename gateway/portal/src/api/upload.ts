import { prepare } from "./client";
import { networkProblem, problemOf } from "./problem";
import { endReasonOf, endSession, noteActivity } from "./session";

export interface Upload {
  readonly path: string;
  readonly body: Blob;
  readonly contentType: string;
  readonly signal?: AbortSignal;
  /** How many bytes of the body have left. */
  readonly onSent?: (bytes: number) => void;
}

/**
 * Posts a file and says how far it is: fetch does not tell, so this is the one call that goes by XMLHttpRequest. Headers, problems
 * and the end of a session are those of every other call.
 */
export async function upload({
  path,
  body,
  contentType,
  signal,
  onSent,
}: Upload): Promise<{ status: number; data: unknown }> {
  const url = new URL(path, window.location.origin);
  const request = new Request(url, { method: "POST", headers: { "Content-Type": contentType } });
  prepare(request);
  const response = await post(url, request.headers, body, signal, onSent);
  if (!response.ok) {
    const problem = await problemOf(response);
    if (problem.status === 401) endSession(endReasonOf(problem.reason));
    throw problem;
  }
  noteActivity();
  return { status: response.status, data: await response.json() };
}

function post(
  url: URL,
  headers: Headers,
  body: Blob,
  signal: AbortSignal | undefined,
  onSent: Upload["onSent"],
): Promise<Response> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(aborted());
      return;
    }
    const xhr = new XMLHttpRequest();
    xhr.open("POST", url);
    headers.forEach((value, name) => xhr.setRequestHeader(name, value));
    xhr.upload.addEventListener("progress", (event) => onSent?.(event.loaded));
    xhr.addEventListener("load", () => {
      onSent?.(body.size);
      resolve(responseOf(xhr));
    });
    xhr.addEventListener("error", () => reject(networkProblem()));
    xhr.addEventListener("timeout", () => reject(networkProblem()));
    xhr.addEventListener("abort", () => reject(aborted()));
    signal?.addEventListener("abort", () => xhr.abort(), { once: true });
    xhr.send(body);
  });
}

const aborted = () => new DOMException("The upload was cancelled.", "AbortError");

function responseOf(xhr: XMLHttpRequest): Response {
  const headers = new Headers();
  for (const name of ["Content-Type", "X-Request-Id", "Retry-After"]) {
    const value = xhr.getResponseHeader(name);
    if (value) headers.set(name, value);
  }
  return new Response(xhr.responseText, { status: xhr.status, statusText: xhr.statusText, headers });
}
