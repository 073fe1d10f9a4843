/** What the service answers when it does not do what was asked (RFC 9457). */
export class ApiProblem extends Error {
  readonly status: number;
  readonly reason: string;
  readonly requestId: string;
  readonly fields: readonly { field: string; message: string }[];

  constructor(status: number, body: unknown) {
    const b = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
    super(typeof b.detail === "string" && b.detail !== "" ? b.detail : "The service did not do what was asked.");
    this.status = status;
    this.reason = typeof b.reason === "string" ? b.reason : "";
    this.requestId = typeof b.instance === "string" ? b.instance : "";
    this.fields = Array.isArray(b.errors)
      ? b.errors.flatMap((e: { field?: unknown; message?: unknown }) =>
          typeof e.field === "string" && typeof e.message === "string" ? [{ field: e.field, message: e.message }] : [],
        )
      : [];
  }
}

/** Reports whether an error is the service's with that reason. */
export const because = (error: unknown, reason: string) => error instanceof ApiProblem && error.reason === reason;

/** Reports whether asking again may help: nobody answered, or the service said that it is not its day. */
export const passing = (error: unknown) => !(error instanceof ApiProblem) || error.status >= 500 || error.status === 429;
