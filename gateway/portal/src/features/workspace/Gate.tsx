import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactNode } from "react";
import type { FieldValues } from "react-hook-form";
import { ApiProblem } from "@/api";
import { Button, Card, ErrorState, Notice, Page, SkeletonLines } from "@/ui";
import type { ComplianceNotice, Head, Workspace } from "./model";
import { noticeQuery } from "./queries";
import { refreshWorkspace } from "./refresh";

/** Shows the workspace to those who have acknowledged its notice, and the notice to everyone else. */
export function Gate<R extends Head, V extends FieldValues>({
  ws,
  children,
}: {
  ws: Workspace<R, V>;
  children: ReactNode;
}) {
  const notice = useQuery(noticeQuery(ws));
  if (notice.data?.acknowledged) return children;
  const eyebrow = `${ws.name.toUpperCase()} workspace`;
  if (notice.isPending) {
    return (
      <Page eyebrow={eyebrow} title={ws.title}>
        <SkeletonLines lines={8} />
      </Page>
    );
  }
  return (
    <Page
      eyebrow={eyebrow}
      title="Compliance notice"
      lead="Read it before you go on. Your acknowledgement is recorded."
    >
      {notice.data ? (
        <NoticeCard ws={ws} notice={notice.data} />
      ) : (
        <ErrorState error={notice.error} retry={() => void notice.refetch()} />
      )}
    </Page>
  );
}

/** The SHA-256 of a text, hex. */
async function digestOf(text: string): Promise<string> {
  const sum = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(sum), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function NoticeCard<R extends Head, V extends FieldValues>({
  ws,
  notice,
}: {
  ws: Workspace<R, V>;
  notice: ComplianceNotice;
}) {
  const client = useQueryClient();
  const [outdated, setOutdated] = useState(false);
  const acknowledge = useMutation({
    // What is acknowledged is what was shown: the digest is taken here, from the text on the screen.
    mutationFn: async () =>
      ws.api.acknowledgeNotice({ version: notice.version ?? 0, sha256: await digestOf(notice.text ?? "") }),
    onSuccess: (answer) => {
      client.setQueryData(noticeQuery(ws).queryKey, answer);
      void refreshWorkspace(client, ws);
    },
    onError: async (error) => {
      if (!(error instanceof ApiProblem) || error.reason !== "NOTICE_OUTDATED") return;
      setOutdated(true);
      await client.invalidateQueries({ queryKey: noticeQuery(ws).queryKey });
    },
  });
  return (
    <Card className="flex max-w-[80ch] flex-col gap-5">
      {outdated ? (
        <Notice tone="warning" title="The wording has changed since it was shown. This is the one in force." />
      ) : null}
      <div className="text-base leading-7 whitespace-pre-line" data-notice-version={notice.version}>
        {notice.text}
      </div>
      {acknowledge.error && !outdated ? <ErrorState error={acknowledge.error} /> : null}
      <div className="flex flex-wrap items-center justify-between gap-3 border-t border-line pt-4">
        <p className="text-xs text-faint">
          Version {notice.version} · SHA-256 <code className="font-mono break-all">{notice.sha256?.slice(0, 16)}…</code>
        </p>
        <Button
          look="primary"
          pending={acknowledge.isPending}
          onClick={() => {
            acknowledge.mutate();
          }}
        >
          I have read and acknowledge this notice
        </Button>
      </div>
    </Card>
  );
}
