import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import type { FieldValues } from "react-hook-form";
import { z } from "zod";
import { Can } from "@/permissions";
import { DateText, toCalendarDate } from "@/time";
import {
  Button,
  ButtonLink,
  DateField,
  Dialog,
  EmptyState,
  ErrorState,
  Filters,
  Form,
  FormActions,
  linkClass,
  Section,
  SelectFilter,
  SkeletonLines,
  StatusBadge,
  TextAreaField,
  toast,
  toastError,
  useZodForm,
} from "@/ui";
import { today } from "./checks";
import { capital, Frame, keepAgency, pathIn } from "./Frame";
import type { Alert, Head, Workspace } from "./model";
import { alertsQuery, allQuery } from "./queries";
import { refreshWorkspace } from "./refresh";
import { alertKinds, alertStates, daysLeft, inDays } from "./words";

/** Every alert of a workspace, the nearest date first. */
export function AlertsPage<R extends Head, V extends FieldValues>({
  ws,
  resolved,
}: {
  ws: Workspace<R, V>;
  resolved: boolean;
}) {
  const alerts = useInfiniteQuery(alertsQuery(ws, resolved));
  const all = useQuery(allQuery(ws));
  const names = new Map(all.data?.map((record) => [`${ws.name}/metadata/${record.id ?? ""}`, ws.nameOf(record)]));
  return (
    <Frame
      ws={ws}
      title="Alerts"
      lead="Dates that come near. Renew at the authority, then enter the new date: the alert resolves itself."
    >
      <Section
        title={resolved ? "All alerts" : "To be acted on"}
        note="Raised when a date is entered that is near, and by the calendar within the hour"
        flush
        actions={
          <Filters label="Filter alerts" active={resolved ? ["resolved"] : []}>
            <SelectFilter
              name="resolved"
              label="Show"
              value={resolved ? "true" : undefined}
              all="Not resolved"
              options={[{ value: "true", label: "Resolved too" }]}
            />
          </Filters>
        }
      >
        <div className="px-4 py-2">
          <AlertList
            ws={ws}
            alerts={alerts.data?.pages.flatMap((page) => page.rows)}
            error={alerts.error}
            names={names}
          />
        </div>
        {alerts.hasNextPage ? (
          <div className="border-t border-line p-3">
            <Button pending={alerts.isFetchingNextPage} onClick={() => void alerts.fetchNextPage()}>
              Load more
            </Button>
          </div>
        ) : null}
      </Section>
    </Frame>
  );
}

/** Alerts with what can be done about each. */
export function AlertList<R extends Head, V extends FieldValues>({
  ws,
  alerts,
  error,
  names,
}: {
  ws: Workspace<R, V>;
  alerts: readonly Alert[] | undefined;
  error: unknown;
  /** Names of the records, where the list is not about one alone. */
  names?: ReadonlyMap<string, string>;
}) {
  if (!alerts) return error ? <ErrorState error={error} /> : <SkeletonLines lines={3} />;
  if (alerts.length === 0)
    return <EmptyState title="No alerts">Nothing comes due in the time that the policy looks ahead.</EmptyState>;
  return (
    <ul className="divide-y divide-line">
      {alerts.map((alert) => (
        <AlertRow
          key={alert.id}
          ws={ws}
          alert={alert}
          name={names ? (names.get(alert.record ?? "") ?? `Retired ${ws.one}`) : undefined}
        />
      ))}
    </ul>
  );
}

function AlertRow<R extends Head, V extends FieldValues>({
  ws,
  alert,
  name,
}: {
  ws: Workspace<R, V>;
  alert: Alert;
  name: string | undefined;
}) {
  const [snoozing, setSnoozing] = useState(false);
  const client = useQueryClient();
  const acknowledge = useMutation({
    mutationFn: () => ws.api.acknowledge(alert.id ?? ""),
    onSuccess: async () => {
      await refreshWorkspace(client, ws, "alerts");
      toast("success", "The alert is acknowledged.", "It opens again at the next threshold.");
    },
    onError: toastError,
  });
  const state = alertStates[alert.state ?? "STATE_OPEN"];
  const left = daysLeft(alert.dueDate);
  const recordId = alert.record?.split("/").at(-1) ?? "";
  const over = alert.state === "STATE_RESOLVED";
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 py-3 text-sm first:pt-1 last:pb-1" data-alert={alert.id}>
      <div className="min-w-0 flex-1 basis-64">
        {name === undefined ? null : (
          <Link to={pathIn(ws, `/records/${recordId}`)} search={keepAgency} className={linkClass}>
            {name}
          </Link>
        )}
        <p className={name === undefined ? "font-medium" : "mt-0.5"}>
          {alertKinds[alert.kind ?? "KIND_EXPIRATION"]}: <DateText value={alert.dueDate} />
        </p>
        <p className="mt-0.5 text-xs text-faint">
          {left === undefined || over ? "" : `${capital(inDays(left))}, `}
          {raised(alert.thresholdDays ?? 0)}
        </p>
        {alert.state === "STATE_SNOOZED" ? (
          <p className="mt-0.5 text-xs text-muted">
            Rests until <DateText value={alert.snoozeUntilDate} />: {alert.snoozeReason}
          </p>
        ) : null}
      </div>
      <StatusBadge tone={state.tone}>{state.label}</StatusBadge>
      {over ? null : (
        <Can do={ws.can.alert}>
          <div className="no-print flex flex-wrap gap-2">
            {alert.state === "STATE_ACKNOWLEDGED" ? null : (
              <Button pending={acknowledge.isPending} onClick={() => acknowledge.mutate()}>
                Acknowledge
              </Button>
            )}
            <Button onClick={() => setSnoozing(true)}>Snooze</Button>
            <ButtonLink
              to={pathIn(ws, `/records/${recordId}/edit`)}
              search={
                ((old: { agency?: string }) => ({
                  ...(old.agency ? { agency: old.agency } : {}),
                  focus: focusOf(alert),
                })) as never
              }
            >
              Enter new date
            </ButtonLink>
          </div>
        </Can>
      )}
      {snoozing ? <Snooze ws={ws} alert={alert} onClose={() => setSnoozing(false)} /> : null}
    </li>
  );
}

const raised = (days: number) => (days === 0 ? "raised on the day" : `raised ${days} days before`);

/** The field whose new date ends the alert. */
function focusOf(alert: Alert): string {
  if (alert.kind === "KIND_VERIFICATION") return "lastVerifiedDate";
  return alert.kind === "KIND_REVALIDATION" ? "revalidationDueDate" : "expirationDate";
}

function Snooze<R extends Head, V extends FieldValues>({
  ws,
  alert,
  onClose,
}: {
  ws: Workspace<R, V>;
  alert: Alert;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const due = alert.dueDate;
  const last = due
    ? new Date(Date.UTC(due.year ?? 0, (due.month ?? 1) - 1, (due.day ?? 1) - 1)).toISOString().slice(0, 10)
    : "";
  const schema = z.object({
    untilDate: z
      .string()
      .min(1, "Choose the last day of rest.")
      .refine((d) => d >= today() && d <= last, "Today or later, and before the date of the alert."),
    reason: z.string().trim().min(1, "Say why it may rest.").max(500, "At most 500 characters."),
  });
  const form = useZodForm(schema, { defaultValues: { untilDate: "", reason: "" } });
  const snooze = async ({ untilDate, reason }: { untilDate: string; reason: string }) => {
    await ws.api.snooze(alert.id ?? "", toCalendarDate(untilDate) ?? {}, reason);
    await refreshWorkspace(client, ws, "alerts");
    toast("success", "The alert rests.");
    onClose();
  };
  return (
    <Dialog open onClose={onClose} title="Snooze alert" size="small">
      <Form form={form} label="Snooze alert" onSubmit={snooze}>
        {last < today() ? (
          <p className="text-muted">Its date has come: it can be acknowledged, but rest no more.</p>
        ) : null}
        <DateField form={form} name="untilDate" label="Rest until" min={today()} max={last} />
        <TextAreaField form={form} name="reason" label="Reason" rows={3} />
        <FormActions form={form} action="Snooze alert" onCancel={onClose} />
      </Form>
    </Dialog>
  );
}
