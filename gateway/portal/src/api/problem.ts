/** One violated rule of a request or of a document. */
export interface Violation {
  readonly field: string;
  readonly rule: string;
  readonly message: string;
  readonly element?: string;
  readonly line?: number;
}

interface ProblemDocument {
  title?: string;
  status?: number;
  detail?: string;
  reason?: string;
  instance?: string;
  errors?: Violation[];
}

/** Reasons that only the browser can know. */
export const reasonOffline = "OFFLINE";
export const reasonNetwork = "NETWORK";

/** What went wrong with a call: the RFC 9457 document of the gateway, or that there was no answer (status 0). */
export class ApiProblem extends Error {
  readonly status: number;
  readonly reason: string;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string;
  readonly errors: readonly Violation[];
  /** Seconds to wait before the next try, as the gateway asked. */
  readonly retryAfter: number;

  constructor(init: {
    status: number;
    reason: string;
    title: string;
    detail?: string;
    requestId?: string;
    errors?: readonly Violation[];
    retryAfter?: number;
  }) {
    super(`${init.status} ${init.reason}`);
    this.name = "ApiProblem";
    this.status = init.status;
    this.reason = init.reason;
    this.title = init.title;
    this.detail = init.detail ?? "";
    this.requestId = init.requestId ?? "";
    this.errors = init.errors ?? [];
    this.retryAfter = init.retryAfter ?? 0;
  }

  /** Whether the same read may well succeed a moment later. */
  get transient(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

export async function problemOf(response: Response): Promise<ApiProblem> {
  let doc: ProblemDocument = {};
  if (response.headers.get("Content-Type")?.includes("json")) {
    try {
      doc = (await response.json()) as ProblemDocument;
    } catch {
      // A proxy that cuts the body leaves the status, which is enough to say what to do.
    }
  }
  return new ApiProblem({
    status: response.status,
    reason: doc.reason ?? `HTTP_${response.status}`,
    title: doc.title ?? (response.statusText || "The request failed"),
    detail: doc.detail ?? "",
    requestId: doc.instance ?? response.headers.get("X-Request-Id") ?? "",
    errors: doc.errors ?? [],
    retryAfter: Number(response.headers.get("Retry-After") ?? 0) || 0,
  });
}

export function networkProblem(): ApiProblem {
  return navigator.onLine
    ? new ApiProblem({ status: 0, reason: reasonNetwork, title: "The server did not answer" })
    : new ApiProblem({ status: 0, reason: reasonOffline, title: "This device is offline" });
}

export interface Explanation {
  readonly title: string;
  readonly todo: string;
}

const byReason: Record<string, Explanation> = {
  [reasonOffline]: {
    title: "This device is offline",
    todo: "Nothing was sent. Try again when the connection is back.",
  },
  [reasonNetwork]: { title: "The server did not answer", todo: "Check the connection, then try again." },
  SCOPE_MISSING: {
    title: "Your role does not include this",
    todo: "Ask your agency administrator if you need it for your work.",
  },
  MODULE_DISABLED: {
    title: "This module is switched off for the agency",
    todo: "The platform team switches modules on under Modules.",
  },
  AGENCY_REQUIRED: { title: "No agency is chosen", todo: "Choose an agency in the top bar." },
  ACCESS_REASON_REQUIRED: {
    title: "A reason is needed to read across agencies",
    todo: "Choose an agency in the top bar, or give a reason there.",
  },
  STEP_UP_REQUIRED: {
    title: "You did not confirm that it is you",
    todo: "Repeat what you did and confirm with your second factor.",
  },
  NOTICE_NOT_ACKNOWLEDGED: {
    title: "The notice is not acknowledged yet",
    todo: "Open the workspace and acknowledge its notice.",
  },
  NOTICE_OUTDATED: {
    title: "The notice has changed",
    todo: "Open the workspace and acknowledge the new notice.",
  },
  CSRF_INVALID: { title: "The session changed in another window", todo: "Reload the page and repeat what you did." },
  RATE_LIMITED: { title: "Too many requests in a short time", todo: "Wait a moment, then try again." },
  LIMITER_UNAVAILABLE: {
    title: "Changes are not accepted at the moment",
    todo: "Reading works. Try to save again in a minute.",
  },
};

const byStatus: Record<number, Explanation> = {
  400: { title: "The request was not understood", todo: "Correct what is named below, then try again." },
  403: { title: "You are not allowed to do this", todo: "Ask your agency administrator if you need it for your work." },
  404: { title: "Not found", todo: "It does not exist, or it belongs to another agency." },
  409: { title: "It has changed in the meantime", todo: "Reload to see how it is now, then decide again." },
  413: { title: "Too large", todo: "Send less at once." },
  415: { title: "This kind of file is not accepted", todo: "Send a NEMSIS 3.5 XML document." },
  429: { title: "Too many requests in a short time", todo: "Wait a moment, then try again." },
  500: {
    title: "Something went wrong on our side",
    todo: "Try again. If it stays, report it with the request number.",
  },
  502: { title: "A part of the system is away", todo: "Try again in a moment." },
  503: { title: "A part of the system is away", todo: "Try again in a moment." },
  504: { title: "The answer took too long", todo: "Try again, or ask for less at once." },
};

/** What happened and what to do, in words; the detail of the gateway wins where it has one. */
export function explain(error: unknown): Explanation & { detail: string; requestId: string } {
  if (!(error instanceof ApiProblem)) {
    return {
      title: "This page stopped working",
      todo: "Reload it. If it stays, report what you did before.",
      detail: "",
      requestId: "",
    };
  }
  const known = byReason[error.reason] ?? byStatus[error.status] ?? { title: error.title, todo: "Try again." };
  return { ...known, detail: error.detail, requestId: error.requestId };
}
