import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ApiProblem } from "../api/problem.ts";

export function Loading({ label = "Loading" }: { label?: string }) {
  return (
    <div role="status" className="waiting-bars" data-loading>
      <span className="unseen">{label}…</span>
      <span aria-hidden="true" />
      <span aria-hidden="true" />
    </div>
  );
}

/** What went wrong, what of it is the reader's to mend, and the id by which support finds it. */
export function Problem({ error, again }: { error: unknown; again?: (() => void) | undefined }) {
  if (!error) return null;
  const known = error instanceof ApiProblem ? error : undefined;
  return (
    <div role="alert" className="note bad stack">
      <p>
        <strong>{known ? known.message : "CareFusion does not answer. Check your connection; it is tried again."}</strong>
      </p>
      {known && known.fields.length > 0 ? (
        <ul>
          {known.fields.map((f) => (
            <li key={f.field}>
              {f.field}: {f.message}
            </li>
          ))}
        </ul>
      ) : null}
      {known?.requestId ? <p className="id">Request {known.requestId}</p> : null}
      {again ? (
        <div>
          <button type="button" className="button small" onClick={again}>
            Try again
          </button>
        </div>
      ) : null}
    </div>
  );
}

/** One of three: loading, failed, or what was read. What was read stays while it is read again. */
export function Loaded<T>({ query, children }: { query: UseQueryResult<T>; children: (data: T) => ReactNode }) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.error) return <Problem error={query.error} again={() => void query.refetch()} />;
  return <Loading />;
}

export function Empty({ children }: { children: ReactNode }) {
  return <p className="soft">{children}</p>;
}

/** The way to the next page of a list, while there is one. */
export function More({ query }: { query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> } }) {
  if (!query.hasNextPage) return null;
  return (
    <div>
      <button type="button" className="button small" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        Show more
      </button>
    </div>
  );
}
