import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Archive, Pencil } from "lucide-react";
import { useState } from "react";
import type { FieldValues } from "react-hook-form";
import { z } from "zod";
import { ApiProblem } from "@/api";
import { Can } from "@/permissions";
import { DateText, formatDate, Time } from "@/time";
import {
  Button,
  ButtonLink,
  Columns,
  Dialog,
  Form,
  FormActions,
  KeyValue,
  Loaded,
  Notice,
  Section,
  SelectField,
  StatusBadge,
  toast,
  useZodForm,
} from "@/ui";
import { AlertList } from "./Alerts";
import { capital, Frame, keepAgency, pathIn } from "./Frame";
import type { Head, RetireReason, Workspace } from "./model";
import { Notes } from "./Notes";
import { alertsOfRecordQuery, recordQuery } from "./queries";
import { refreshWorkspace } from "./refresh";
import { daysLeft, inDays, retireReasons, statusWords, wordOf } from "./words";

/** One record: what is known, what a person should look at, its alerts and notes. */
export function RecordPage<R extends Head, V extends FieldValues>({ ws, id }: { ws: Workspace<R, V>; id: string }) {
  const record = useQuery(recordQuery(ws, id));
  const [retiring, setRetiring] = useState(false);
  const inForce = record.data && !record.data.retireTime;
  return (
    <Frame
      ws={ws}
      title={record.data ? ws.nameOf(record.data) : capital(ws.one)}
      actions={
        inForce ? (
          <>
            <Can do={ws.can.retire}>
              <Button icon={<Archive aria-hidden="true" className="size-4" />} onClick={() => setRetiring(true)}>
                Retire
              </Button>
            </Can>
            <Can do={ws.can.update}>
              <ButtonLink
                look="primary"
                icon={<Pencil aria-hidden="true" className="size-4" />}
                to={pathIn(ws, `/records/${id}/edit`)}
                search={keepAgency}
              >
                Change
              </ButtonLink>
            </Can>
          </>
        ) : null
      }
    >
      <Loaded query={record} lines={12}>
        {(loaded) => (
          <>
            <Warnings ws={ws} record={loaded} />
            <Columns wide>
              <div className="flex min-w-0 flex-col gap-6">
                <Facts ws={ws} record={loaded} />
                <Notes ws={ws} metadataId={id} />
              </div>
              <div className="flex min-w-0 flex-col gap-6">
                <Standing ws={ws} record={loaded} />
                <RecordAlerts ws={ws} id={id} />
              </div>
            </Columns>
            {retiring ? <Retire ws={ws} record={loaded} onClose={() => setRetiring(false)} /> : null}
          </>
        )}
      </Loaded>
    </Frame>
  );
}

function Warnings<R extends Head, V extends FieldValues>({ ws, record }: { ws: Workspace<R, V>; record: R }) {
  if (record.retireTime) {
    const reason = wordOf(retireReasons, record.retireReason);
    return (
      <Notice title={`This ${ws.one} is retired`}>
        {reason ? `${reason}. ` : ""}It stays readable, and notes can be added.
      </Notice>
    );
  }
  const warnings = record.warnings ?? [];
  if (warnings.length === 0) return null;
  const labels = new Map(ws.facts(record).map((fact) => [fact.field, fact.label]));
  return (
    <Notice
      tone="warning"
      title={warnings.length === 1 ? "One thing to look at" : `${warnings.length} things to look at`}
    >
      <ul className="list-disc ps-4">
        {warnings.map((warning) => (
          <li key={`${warning.code} ${warning.field}`}>
            {labels.get(warning.field ?? "") ?? warning.field}: {warning.message}
          </li>
        ))}
      </ul>
    </Notice>
  );
}

function Facts<R extends Head, V extends FieldValues>({ ws, record }: { ws: Workspace<R, V>; record: R }) {
  return (
    <Section title="Details">
      <KeyValue columns={2} items={ws.facts(record).map((fact) => [fact.label, fact.text] as const)} />
    </Section>
  );
}

function Standing<R extends Head, V extends FieldValues>({ ws, record }: { ws: Workspace<R, V>; record: R }) {
  const status = statusWords[ws.status(record)];
  const left = daysLeft(ws.due(record));
  return (
    <Section title="Where it stands">
      <KeyValue
        items={[
          ["Status", <StatusBadge tone={status.tone}>{status.label}</StatusBadge>],
          [
            ws.dueLabel,
            <>
              <DateText value={ws.due(record)} />
              {left === undefined ? null : <span className="text-faint"> · {inDays(left)}</span>}
            </>,
          ],
          ["Verified", record.lastVerifiedDate ? formatDate(record.lastVerifiedDate) : "Never"],
          ["Entered", <Time value={record.createTime} style="date" />],
          ["Last changed", <Time value={record.updateTime} style="date" />],
          record.retireTime ? ["Retired", <Time value={record.retireTime} style="date" />] : null,
        ]}
      />
    </Section>
  );
}

function RecordAlerts<R extends Head, V extends FieldValues>({ ws, id }: { ws: Workspace<R, V>; id: string }) {
  const alerts = useQuery(alertsOfRecordQuery(ws, id));
  return (
    <Section title="Alerts" note="Raised before each date, as the policy says; resolved ones too">
      <AlertList ws={ws} alerts={alerts.data} error={alerts.error} />
    </Section>
  );
}

const retireSchema = z.object({ reason: z.string().min(1, "Choose why it is no longer kept up.") });

function Retire<R extends Head, V extends FieldValues>({
  ws,
  record,
  onClose,
}: {
  ws: Workspace<R, V>;
  record: R;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const form = useZodForm(retireSchema, { defaultValues: { reason: "" } });
  const retire = async ({ reason }: { reason: string }) => {
    try {
      const retired = await ws.api.retire(record.id ?? "", reason as RetireReason, record.etag ?? "");
      client.setQueryData(recordQuery(ws, record.id ?? "").queryKey, retired);
    } catch (error) {
      // The reading below shows what changed; the person decides anew.
      if (error instanceof ApiProblem && error.reason === "ETAG_MISMATCH")
        await client.invalidateQueries({ queryKey: [ws.name, "records"] });
      throw error;
    }
    await refreshWorkspace(client, ws);
    toast("success", `The ${ws.one} is retired.`);
    onClose();
  };
  return (
    <Dialog open onClose={onClose} title={`Retire ${ws.nameOf(record)}`} size="small">
      <Form form={form} label={`Retire ${ws.one}`} onSubmit={retire}>
        <p className="text-muted">
          It is no longer kept up, its alerts are resolved, and it can be changed no more. It stays readable.
        </p>
        <SelectField
          form={form}
          name="reason"
          label="Why"
          options={[
            { value: "", label: "Choose a reason" },
            ...Object.entries(retireReasons).map(([value, label]) => ({ value, label })),
          ]}
        />
        <FormActions form={form} action={`Retire ${ws.one}`} onCancel={onClose} />
      </Form>
    </Dialog>
  );
}
