import { useInfiniteQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Building2, ChevronsUpDown } from "lucide-react";
import { z } from "zod";
import { crossAgencies, useAgencyChoice } from "@/api";
import { createStore, useStore } from "@/api/store";
import { agenciesQuery } from "@/features/home/queries";
import { useMayCross, useMe } from "@/permissions";
import { Button, Dialog, ErrorState, Form, FormActions, SkeletonLines, TextAreaField, rowsOf, useZodForm } from "@/ui";

/** Which dialog of choosing is open; pages that need an agency open it too. */
export const agencyPicker = createStore<"none" | "agency" | "reason">("none");

/** For whom the caller works; a founder changes it here. */
export function AgencySwitcher() {
  const me = useMe();
  const { reason } = useAgencyChoice();
  const mayChoose = useMayCross();
  const name = me.agency?.displayName ?? (reason ? "All agencies" : "No agency chosen");
  const text = <span className="hidden max-w-48 truncate xl:inline">{name}</span>;
  if (!mayChoose) {
    return (
      <span className="hidden items-center gap-2 px-2 text-muted xl:flex">
        <Building2 aria-hidden="true" className="size-4 shrink-0" />
        {text}
      </span>
    );
  }
  return (
    <button
      type="button"
      aria-label={`Agency: ${name}. Change`}
      onClick={() => agencyPicker.set("agency")}
      className="flex h-9 min-w-9 items-center justify-center gap-2 rounded-control px-2 text-muted hover:bg-hover hover:text-text"
    >
      <Building2 aria-hidden="true" className="size-5 shrink-0 xl:size-4" />
      {text}
      <ChevronsUpDown aria-hidden="true" className="hidden size-4 shrink-0 xl:block" />
    </button>
  );
}

/** Works for another agency: on the page that is open, or on another. */
export function useGoToAgency(): (id: string | undefined, page?: string) => void {
  const navigate = useNavigate();
  return (id, page = ".") => {
    // Filters of a page may not fit another agency, and ids in a path never do; the shell says so if the record is not there.
    void navigate({ to: page as never, search: ((old: object) => ({ ...old, agency: id })) as never });
  };
}

/** The dialogs of choosing an agency and of giving a reason to read across all. */
export function AgencyPicker() {
  const open = useStore(agencyPicker);
  const mayChoose = useMayCross();
  if (!mayChoose) return null;
  const close = () => agencyPicker.set("none");
  return (
    <>
      <Dialog open={open === "agency"} onClose={close} title="Choose an agency" size="small">
        {open === "agency" ? <AgencyList onDone={close} /> : null}
      </Dialog>
      <Dialog open={open === "reason"} onClose={close} title="Read across all agencies" size="small">
        {open === "reason" ? <ReasonForm onDone={close} /> : null}
      </Dialog>
    </>
  );
}

function AgencyList({ onDone }: { onDone: () => void }) {
  const query = useInfiniteQuery(agenciesQuery);
  const go = useGoToAgency();
  const { agencyId } = useAgencyChoice();
  const rows = rowsOf(query, (page) => page.agencies);
  if (query.error && !rows) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  if (!rows) return <SkeletonLines lines={4} />;
  return (
    <div className="flex flex-col gap-4">
      <ul className="-mx-2 flex flex-col gap-0.5">
        {rows.map((agency) => (
          <li key={agency.id}>
            <button
              type="button"
              aria-current={agency.id === agencyId ? "true" : undefined}
              onClick={() => {
                go(agency.id);
                onDone();
              }}
              className="flex min-h-11 w-full items-center justify-between gap-3 rounded-control px-2 text-start hover:bg-hover aria-[current]:bg-accent-tint"
            >
              <span className="min-w-0">
                <span className="block truncate font-medium">{agency.displayName}</span>
                <span className="block truncate text-xs text-faint">
                  {agency.stateUniqueId} · {agency.timeZone}
                </span>
              </span>
              {agency.id === agencyId ? <span className="text-xs text-accent-text">Chosen</span> : null}
            </button>
          </li>
        ))}
      </ul>
      {query.hasNextPage ? (
        <Button pending={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Load more
        </Button>
      ) : null}
      <div className="flex flex-wrap gap-2 border-t border-line pt-4">
        <Button onClick={() => agencyPicker.set("reason")}>All agencies, with a reason</Button>
        {agencyId ? (
          <Button
            look="quiet"
            onClick={() => {
              go(undefined);
              onDone();
            }}
          >
            Leave the agency
          </Button>
        ) : null}
      </div>
    </div>
  );
}

/** The reason travels in a header, which carries plain ASCII only. */
export const reasonSchema = z.object({
  reason: z
    .string()
    .trim()
    .min(8, "Say in at least 8 characters what the reading is for")
    .max(500, "At most 500 characters")
    .regex(/^[\x20-\x7e]*$/, "Letters, digits and punctuation of plain English on one line only"),
});

function ReasonForm({ onDone }: { onDone: () => void }) {
  const form = useZodForm(reasonSchema, { defaultValues: { reason: "" } });
  const go = useGoToAgency();
  return (
    <Form
      form={form}
      label="Reason for reading across agencies"
      asks
      onSubmit={({ reason }) => {
        go(undefined);
        crossAgencies(reason);
        onDone();
        return Promise.resolve();
      }}
    >
      <p className="text-muted">
        Reading only. Each reading is written into the audit log with your name and this reason.
      </p>
      <TextAreaField
        form={form}
        name="reason"
        label="Reason"
        rows={3}
        hint="For example: monthly review of response times. No names of patients."
      />
      <FormActions form={form} action="Read across agencies" onCancel={onDone} />
    </Form>
  );
}
