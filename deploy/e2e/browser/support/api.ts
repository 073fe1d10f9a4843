import type { Page } from "@playwright/test";

/** What the API answered. */
export interface Answer<T = unknown> {
  readonly status: number;
  readonly body: T;
}

/**
 * Calls the API from inside the page, as its scripts do: with the session's cookie and, for what changes something, the CSRF
 * token. The page must be one of the portal.
 */
export async function call<T = any>(page: Page, method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer<T>> {
  return page.evaluate(
    async ({ method, path, body, headers }) => {
      const csrf = /(?:^|; )__Host-fleet-csrf=([^;]*)/.exec(document.cookie)?.[1] ?? "";
      const all: Record<string, string> = { ...headers };
      if (method !== "GET" && all["X-CSRF-Token"] === undefined) all["X-CSRF-Token"] = decodeURIComponent(csrf);
      if (body !== undefined && all["Content-Type"] === undefined) all["Content-Type"] = "application/json";
      const raw = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
      const response = await fetch(path, { method, headers: all, ...(raw === undefined ? {} : { body: raw as string }) });
      const text = await response.text();
      let parsed: unknown = text;
      try {
        parsed = JSON.parse(text);
      } catch {
        // Not everything is JSON; the text says it then.
      }
      return { status: response.status, body: parsed as any };
    },
    { method, path, body, headers },
  );
}

/** The same, and anything but 2xx is an error. */
export async function must<T = any>(page: Page, method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<T> {
  const answer = await call<T>(page, method, path, body, headers);
  if (answer.status < 200 || answer.status > 299) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}
