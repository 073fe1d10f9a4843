import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { z } from "zod";
import { api, nextPage, read, type Schema } from "@/api";
import { Frame } from "@/features/workspace/Frame";
import { Gate } from "@/features/workspace/Gate";
import { useCan } from "@/permissions";
import { Time } from "@/time";
import {
  Button,
  Confirm,
  DataList,
  DateField,
  Dialog,
  EmptyState,
  ErrorState,
  Form,
  FormActions,
  Loaded,
  Notice,
  rowsOf,
  Section,
  SelectField,
  StatusBadge,
  TextAreaField,
  toast,
  toastError,
  useZodForm,
  type Column,
} from "@/ui";
import { today } from "@/features/workspace/checks";
import { dea } from "./workspace";

type Grant = Schema<"v1DeaGrant">;
type Person = Schema<"v1Person">;

const accessKey = ["dea", "access"];
const grantsKey = ["dea", "grants"];

function useAccess() {
  return useQuery({ queryKey: accessKey, queryFn: ({ signal }) => read(api.GET("/api/dea/access", { signal })) });
}

/** The administrators of the agency who have signed in: nobody else can be told by a subject. */
function useAdministrators() {
  return useQuery({
    queryKey: ["people", "agency_administrator"],
    queryFn: ({ signal }) =>
      read(api.GET("/api/people", { params: { query: { role: "agency_administrator", pageSize: 500 } }, signal })).then(
        (a) => a.people ?? [],
      ),
  });
}

/** Who of the agency's administrators may look at the DEA workspace, and until when. */
export function AccessPage() {
  return (
    <Gate ws={dea}>
      <Frame
        ws={dea}
        title="Administrators"
        lead="An administrator looks at this workspace only while the agency allows it at all, and only under a grant that ends by itself."
      >
        <Flag />
        <Grants />
      </Frame>
    </Gate>
  );
}

function Flag() {
  const access = useAccess();
  const client = useQueryClient();
  const mayChange = useCan("DeaService_UpdateDeaAccess");
  const [asking, setAsking] = useState(false);
  const change = useMutation({
    mutationFn: (enabled: boolean) => read(api.PUT("/api/dea/access", { body: { enabled } })),
    onSuccess: async (answer) => {
      client.setQueryData(accessKey, answer);
      await client.invalidateQueries({ queryKey: ["dea"] });
      toast(
        "success",
        answer.enabled
          ? "Administrators may be granted the workspace."
          : "No administrator sees the workspace any more.",
      );
    },
    onError: toastError,
    onSettled: () => setAsking(false),
  });
  return (
    <Section title="The agency's permission">
      <Loaded query={access} lines={2}>
        {(state) => (
          <div className="flex flex-wrap items-center justify-between gap-4">
            <div>
              <p className="flex items-center gap-2 font-medium">
                <StatusBadge tone={state.enabled ? "success" : "neutral"}>
                  {state.enabled ? "Allowed" : "Not allowed"}
                </StatusBadge>
                {state.enabled
                  ? "Administrators with a grant look at the workspace"
                  : "No administrator looks at the workspace, grant or not"}
              </p>
              <p className="mt-1 text-xs text-faint">
                {state.updateTime ? (
                  <>
                    Set <Time value={state.updateTime} />
                  </>
                ) : (
                  "Never set"
                )}
              </p>
            </div>
            {mayChange ? (
              <Button onClick={() => setAsking(true)}>
                {state.enabled ? "Withdraw permission" : "Allow administrators"}
              </Button>
            ) : null}
            <Confirm
              open={asking}
              title={state.enabled ? "Withdraw the permission?" : "Allow administrators?"}
              action={state.enabled ? "Withdraw permission" : "Allow administrators"}
              danger={state.enabled === true}
              pending={change.isPending}
              onConfirm={() => change.mutate(!state.enabled)}
              onClose={() => setAsking(false)}
            >
              {state.enabled
                ? "Every administrator loses the workspace at once. Grants stay and hold again when it is allowed anew."
                : "Nobody sees more by this alone: each administrator also needs a grant."}
            </Confirm>
          </div>
        )}
      </Loaded>
    </Section>
  );
}

function Grants() {
  const access = useAccess();
  const people = useAdministrators();
  const grants = useInfiniteQuery({
    queryKey: grantsKey,
    queryFn: ({ pageParam, signal }) =>
      read(api.GET("/api/dea/grants", { params: { query: pageParam ? { pageToken: pageParam } : {} }, signal })),
    ...nextPage,
  });
  const mayGrant = useCan("DeaService_CreateDeaGrant");
  const [granting, setGranting] = useState(false);
  const [revoking, setRevoking] = useState<Grant | null>(null);
  const login = (subject: string | undefined) =>
    people.data?.find((p) => p.subject === subject)?.login ?? subject ?? "";
  return (
    <Section
      title="Grants"
      note="Each lets one administrator look, for a time; the newest first"
      flush
      actions={
        mayGrant ? (
          <Button look="primary" onClick={() => setGranting(true)}>
            New grant
          </Button>
        ) : null
      }
    >
      {access.data && !access.data.enabled && (grants.data?.pages[0]?.grants ?? []).some((g) => g.live) ? (
        <div className="p-4 pb-0">
          <Notice tone="warning" title="Grants have no effect while the agency does not allow administrators at all" />
        </div>
      ) : null}
      <DataList
        query={grants}
        caption="Grants"
        columns={columns(login, mayGrant ? setRevoking : undefined)}
        rows={rowsOf(grants, (page) => page.grants)}
        rowKey={(g) => g.id ?? ""}
        skeletonRows={3}
        empty={
          <EmptyState title="No grants yet">Without one no administrator of the agency sees this workspace.</EmptyState>
        }
      />
      {granting ? <NewGrant people={people.data} error={people.error} onClose={() => setGranting(false)} /> : null}
      {revoking ? <Revoke grant={revoking} login={login(revoking.subject)} onClose={() => setRevoking(null)} /> : null}
    </Section>
  );
}

function columns(
  login: (subject: string | undefined) => string,
  revoke: ((grant: Grant) => void) | undefined,
): Column<Grant>[] {
  return [
    {
      id: "who",
      header: "Administrator",
      rowHeader: true,
      cell: (g) => <span className="font-medium break-all">{login(g.subject)}</span>,
    },
    { id: "why", header: "Reason", cell: (g) => g.reason },
    { id: "from", header: "Granted", cell: (g) => <Time value={g.createTime} />, minor: true },
    { id: "until", header: "Ends", cell: (g) => <Time value={g.revokeTime ?? g.expireTime} /> },
    {
      id: "state",
      header: "Status",
      cell: (g) => (
        <StatusBadge tone={g.live ? "success" : "neutral"}>
          {g.live ? "In force" : g.revokeTime ? "Revoked" : "Ended"}
        </StatusBadge>
      ),
    },
    {
      id: "do",
      header: "Action",
      align: "end",
      cell: (g) =>
        g.live && revoke ? <Button onClick={() => revoke(g)}>Revoke</Button> : <span className="text-faint">—</span>,
    },
  ];
}

const schema = z.object({
  subject: z.string().min(1, "Choose an administrator."),
  reason: z.string().trim().min(1, "Say why the grant is needed.").max(500, "At most 500 characters."),
  lastDay: z
    .string()
    .min(1, "Choose the last day.")
    .refine((d) => d >= today(), "Today or later."),
});

type Values = z.infer<typeof schema>;

function NewGrant({
  people,
  error,
  onClose,
}: {
  people: readonly Person[] | undefined;
  error: unknown;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const form = useZodForm(schema, { defaultValues: { subject: "", reason: "", lastDay: "" } });
  const grant = async ({ subject, reason, lastDay }: Values) => {
    // The grant holds through its last day.
    const expireTime = `${lastDay}T23:59:59Z`;
    await read(api.POST("/api/dea/grants", { body: { subject, reason, expireTime } }));
    await client.invalidateQueries({ queryKey: grantsKey });
    toast("success", "The grant is given.", "It ends by itself.");
    onClose();
  };
  return (
    <Dialog open onClose={onClose} title="New grant" size="small">
      {error ? <ErrorState error={error} /> : null}
      {people?.length === 0 ? (
        <EmptyState title="No administrator has signed in yet">
          Ask them to sign in once; then they can be chosen here.
        </EmptyState>
      ) : (
        <Form form={form} label="New grant" onSubmit={grant} rename={{ expireTime: "lastDay" }}>
          <SelectField
            form={form}
            name="subject"
            label="Administrator"
            hint="Those who have signed in at least once"
            options={[
              { value: "", label: people ? "Choose an administrator" : "Loading…" },
              ...(people ?? []).map((p) => ({ value: p.subject ?? "", label: p.login ?? p.subject ?? "" })),
            ]}
          />
          <TextAreaField
            form={form}
            name="reason"
            label="Reason"
            rows={3}
            hint="What they are to look at, and for what"
          />
          <DateField
            form={form}
            name="lastDay"
            label="Last day"
            hint="UTC; the policy limits how far it may lie"
            min={today()}
          />
          <FormActions form={form} action="Give grant" onCancel={onClose} />
        </Form>
      )}
    </Dialog>
  );
}

function Revoke({ grant, login, onClose }: { grant: Grant; login: string; onClose: () => void }) {
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: () =>
      read(api.POST("/api/dea/grants/{id}:revoke", { params: { path: { id: grant.id ?? "" } }, body: {} })),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: grantsKey });
      toast("success", "The grant is revoked.");
    },
    onError: toastError,
    onSettled: onClose,
  });
  return (
    <Confirm
      open
      title="Revoke this grant?"
      action="Revoke grant"
      danger
      pending={revoke.isPending}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    >
      {login} loses the workspace at once. A new grant can be given at any time.
    </Confirm>
  );
}
