import { Inbox, RotateCw } from "lucide-react";
import type { ReactNode } from "react";
import { ApiProblem, explain } from "@/api/problem";
import { Button } from "./Button";
import { classes } from "./classes";

/** Holds the place of what is on its way. */
export function Skeleton({ className }: { className?: string }) {
  return <span aria-hidden="true" className={classes("skeleton block", className ?? "h-4 w-full")} />;
}

/** Lines of a text or of a list on their way. */
export function SkeletonLines({ lines = 4 }: { lines?: number }) {
  return (
    <div role="status" className="flex flex-col gap-3">
      <span className="sr-only">Loading</span>
      {Array.from({ length: lines }, (_, i) => (
        <Skeleton key={i} className={classes("h-4", i % 3 === 2 ? "w-3/5" : "w-full")} />
      ))}
    </div>
  );
}

/** There is nothing, and what to do about it. */
export function EmptyState({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-2 px-6 py-10 text-center">
      <Inbox aria-hidden="true" className="size-6 text-faint" />
      <p className="font-display text-base font-semibold">{title}</p>
      {children ? <div className="max-w-[52ch] text-muted">{children}</div> : null}
      {action ? <div className="mt-2">{action}</div> : null}
    </div>
  );
}

/** The details of a problem are written to stand after a colon; alone they are a sentence. */
export const sentence = (text: string) => text.charAt(0).toUpperCase() + text.slice(1).replace(/[^.?!…]$/, "$&.");

/** What happened, what to do, and the request number for whoever looks into it. */
export function ErrorState({ error, retry }: { error: unknown; retry?: () => void }) {
  const { title, todo, detail, requestId } = explain(error);
  // What is not there, or not for the caller, is not there the second time either.
  const final = error instanceof ApiProblem && (error.status === 403 || error.status === 404);
  return (
    <div
      role="alert"
      className="flex flex-col items-start gap-2 rounded-card border border-line bg-danger-tint px-4 py-4"
    >
      <p className="font-display text-base font-semibold">{title}</p>
      {detail ? <p className="max-w-[72ch] break-words text-muted">{sentence(detail)}</p> : null}
      <p className="max-w-[72ch] text-muted">{todo}</p>
      <RequestId id={requestId} />
      {retry && !final ? (
        <Button onClick={retry} icon={<RotateCw aria-hidden="true" className="size-4" />}>
          Try again
        </Button>
      ) : null}
    </div>
  );
}

export function RequestId({ id }: { id: string }) {
  if (!id) return null;
  return (
    <p className="text-xs text-faint">
      Request <code className="font-mono break-all select-all">{id}</code>
    </p>
  );
}

/** The result of one query: skeleton, error or content. */
export function Loaded<T>({
  query,
  lines,
  children,
}: {
  query: { data: T | undefined; error: unknown; isPending: boolean; refetch: () => unknown };
  lines?: number;
  children: (data: T) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.isPending) return <SkeletonLines {...(lines ? { lines } : {})} />;
  return <ErrorState error={query.error} retry={() => void query.refetch()} />;
}
