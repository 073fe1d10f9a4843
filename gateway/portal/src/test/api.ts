import { vi } from "vitest";

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Headers;
  readonly body: unknown;
}

type Answer = { status?: number; body?: unknown; headers?: Record<string, string>; text?: string };
export type Handler = (call: Call) => Answer | object | undefined;

const isAnswer = (value: object): value is Answer => "status" in value || "body" in value || "text" in value;

/**
 * Answers calls of the API in a test, keyed by "GET /api/qa/cases". A plain object is the body of a 200; `refuse` makes a problem.
 * Returns the calls that were made. In the browser tests nothing is answered for the fleet: this is for components alone.
 */
export function serve(routes: Readonly<Record<string, Handler | object>>): Call[] {
  const calls: Call[] = [];
  vi.stubGlobal("fetch", async (input: Request) => {
    const url = new URL(input.url);
    const text = input.body ? await input.clone().text() : "";
    const call: Call = {
      method: input.method,
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      headers: input.headers,
      body: text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : text,
    };
    calls.push(call);
    const route = routes[`${call.method} ${call.path}`];
    const made = typeof route === "function" ? (route as Handler)(call) : route;
    if (made === undefined)
      return answer(refuse(404, "ROUTE_UNKNOWN", `the test does not answer ${call.method} ${call.path}`));
    return answer(isAnswer(made) ? made : { body: made });
  });
  return calls;
}

function answer({ status = 200, body, headers, text }: Answer): Response {
  const type = status >= 400 ? "application/problem+json" : "application/json";
  return new Response(text ?? (body === undefined ? "" : JSON.stringify(body)), {
    status,
    headers: { "Content-Type": type, "X-Request-Id": "req-1", ...headers },
  });
}

/** A refusal as the gateway writes it. */
export function refuse(status: number, reason: string, detail = "", errors: object[] = []): Answer {
  return {
    status,
    body: { type: `urn:fusionems:problem:${reason}`, title: reason, status, reason, detail, instance: "req-1", errors },
  };
}
