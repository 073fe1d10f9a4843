import { useInfiniteQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useAct } from "../../api/act.ts";
import { api, ask } from "../../api/client.ts";
import { messagesQuery } from "../../api/queries.ts";
import { useSession } from "../../session.tsx";
import { clock } from "../../time.ts";
import { Form, Input } from "../../ui/form.tsx";
import { Card } from "../../ui/page.tsx";
import { Empty, Loading, Problem } from "../../ui/states.tsx";

/** Messages between the two of a visit. */
export function Chat({ id, over }: { id: string; over: boolean }) {
  const { subject } = useSession();
  const query = useInfiniteQuery(messagesQuery(id));
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const send = useAct(
    (body: string) =>
      ask(() => api.POST("/api/telehealth/v1/appointments/{appointmentId}/messages", { params: { path: { appointmentId: id } }, body: { body } })),
    [["messages", id]],
  );
  const all = query.data?.pages.flatMap((p) => p.messages ?? []) ?? [];
  const end = useRef<HTMLLIElement>(null);
  useEffect(() => {
    // Oldest first: the newest are on the last page.
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  useEffect(() => {
    // In braces: newer browsers answer with a promise, which React would take for the clean-up.
    end.current?.scrollIntoView({ block: "nearest" });
  }, [all.length]);
  return (
    <Card title="Messages">
      {query.isPending ? <Loading /> : null}
      <Problem error={query.error} again={() => void query.refetch()} />
      {query.data && all.length === 0 ? <Empty>Nothing has been written.</Empty> : null}
      {all.length > 0 ? (
        <ol className="messages" aria-label="Messages" aria-live="polite" tabIndex={0}>
          {all.map((m, i) => (
            <li key={m.messageId} ref={i === all.length - 1 ? end : null} {...(m.senderId === subject ? { "data-mine": "" } : {})}>
              <small>
                {m.senderId === subject ? "You" : m.senderRole === "ROLE_PROVIDER" ? "Provider" : "Patient"}, {clock(m.sendTime)}
              </small>
              <p className="words">{m.body}</p>
            </li>
          ))}
        </ol>
      ) : null}
      {over ? null : (
        <Form onSend={(v, form) => send.mutate(v("body"), { onSuccess: () => form.reset() })}>
          <Input label="Message" name="body" required maxLength={4000} autoComplete="off" />
          <Problem error={send.error} />
          <div>
            <button className="button" disabled={send.isPending}>
              Send
            </button>
          </div>
        </Form>
      )}
    </Card>
  );
}
