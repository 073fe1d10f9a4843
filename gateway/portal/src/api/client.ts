import createClient from "openapi-fetch";
import type { paths } from "@fleet/fleet";
import { agencyChoice } from "./agency";
import { operationOf } from "./operation";
import { ApiProblem, networkProblem, problemOf } from "./problem";
import { endReasonOf, endSession, noteActivity } from "./session";
import { requestStepUp } from "./stepup";

/** Marks a call that nobody asked for, so that polling does not keep a session alive. */
export const background = { headers: { "X-Fleet-Background": "1" } } as const;

const csrfCookie = "__Host-fleet-csrf";

export function csrfToken(): string {
  for (const part of document.cookie.split("; ")) {
    const [name, value] = part.split("=");
    if (name === csrfCookie && value) return decodeURIComponent(value);
  }
  return "";
}

/** Gives a request what every call needs: media type, CSRF token, agency, reason. */
export function prepare(request: Request): void {
  const { headers } = request;
  if (!headers.has("Accept")) headers.set("Accept", "application/json");
  if (request.method !== "GET" && request.method !== "HEAD") headers.set("X-CSRF-Token", csrfToken());
  const { agencyId, reason } = agencyChoice.get();
  const operation = operationOf(request.method, new URL(request.url).pathname);
  // A founder's overview reads for one agency after another; such a call names its own.
  if (agencyId && !headers.has("X-Agency-Id")) headers.set("X-Agency-Id", agencyId);
  // Across agencies a call that works on one refuses a reason, and the platform's own calls need none.
  if (reason && (headers.has("X-Agency-Id") || operation?.tenancy === "agency_or_cross"))
    headers.set("X-Access-Reason", reason);
}

async function once(request: Request): Promise<Response> {
  try {
    // eslint-disable-next-line no-restricted-globals -- the one place that calls the network
    return await fetch(request, { cache: "no-store", credentials: "same-origin" });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw networkProblem();
  }
}

/** Sends a request with all that a call to the gateway needs, and answers only success; everything else is an ApiProblem. */
export async function send(request: Request): Promise<Response> {
  prepare(request);
  const again = request.clone();
  let response = await once(request);
  let problem = response.ok ? null : await problemOf(response);
  if (problem?.status === 403 && problem.reason === "STEP_UP_REQUIRED" && (await requestStepUp())) {
    // The window for signing in may have brought a new token along.
    prepare(again);
    response = await once(again);
    problem = response.ok ? null : await problemOf(response);
  }
  if (problem) {
    if (problem.status === 401) endSession(endReasonOf(problem.reason));
    throw problem;
  }
  if (!request.headers.has("X-Fleet-Background")) noteActivity();
  return response;
}

/** The client of the API, typed by its OpenAPI document: `read(api.GET("/api/qa/cases", { params: { query } }))`. */
export const api = createClient<paths>({ baseUrl: window.location.origin, fetch: send });

/** The body of an answer. A call without one answers an empty object. */
export async function read<T>(call: Promise<{ data?: T; error?: unknown; response: Response }>): Promise<T> {
  const { data, error, response } = await call;
  if (error !== undefined) throw await problemOf(response);
  return data ?? ({} as T);
}

/** The few addresses of the gateway that are no operations of the API (signing in and out). */
export async function gatewayPost<T>(path: string): Promise<T> {
  const response = await send(new Request(new URL(path, window.location.origin), { method: "POST" }));
  return (await response.json()) as T;
}

export { ApiProblem };
