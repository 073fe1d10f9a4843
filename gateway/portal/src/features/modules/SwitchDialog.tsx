import { useQueryClient } from "@tanstack/react-query";
import { z } from "zod";
import { Button, Dialog, Form, Notice, TextAreaField, toast, useZodForm } from "@/ui";
import { missing, neededBy, switchModule, type Module } from "./queries";
import { moduleTitle, titles } from "./words";

const schema = z.object({ reason: z.string().trim().max(500, "At most 500 characters") });

/** Asks before a switch is moved: what stands against it, and for switching off why, if there is something to say. */
export function SwitchDialog({
  agencyId,
  agency,
  modules,
  module,
  onClose,
}: {
  agencyId: string;
  agency: string;
  modules: readonly Module[];
  module: string;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const form = useZodForm(schema, { defaultValues: { reason: "" } });
  const on = modules.find((m) => m.module === module)?.enabled ?? false;
  const title = moduleTitle(module);
  const blockers = on ? neededBy(modules, module) : missing(modules, module);
  const verb = on ? "Switch off" : "Switch on";
  return (
    <Dialog open onClose={onClose} title={`${verb}: ${title}`} size="small">
      <Form
        form={form}
        label={`${verb} ${title}`}
        onSubmit={async ({ reason }) => {
          try {
            await switchModule(agencyId, module, !on, on ? reason : "");
          } finally {
            // Refused: somebody may have moved another switch in the meantime.
            await client.invalidateQueries({ queryKey: ["modules", agencyId] });
          }
          await client.invalidateQueries({ queryKey: ["me"] });
          toast("success", `${title} is ${on ? "off" : "on"} for ${agency}`);
          onClose();
        }}
      >
        {blockers.length > 0 ? (
          <Notice tone="warning" title={on ? `${titles(blockers)} would stop working` : `${title} cannot work yet`}>
            {on
              ? `${titles(blockers)} ${blockers.length === 1 ? "needs" : "need"} ${title}. Switch ${blockers.length === 1 ? "it" : "them"} off first.`
              : `It needs ${titles(blockers)}. Switch ${blockers.length === 1 ? "that" : "those"} on first.`}
          </Notice>
        ) : (
          <p className="text-sm text-muted">
            {on
              ? `People of ${agency} lose the pages of ${title} within seconds. Its data stays, and what arrives meanwhile waits until it is on again.`
              : `People of ${agency} see the pages of ${title} again, and what waited is worked off.`}
          </p>
        )}
        {on ? (
          <TextAreaField
            form={form}
            name="reason"
            label="Reason"
            optional
            rows={3}
            hint="The agency reads it."
            disabled={blockers.length > 0}
          />
        ) : null}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={onClose}>Cancel</Button>
          <Button
            type="submit"
            look={on ? "danger" : "primary"}
            pending={form.formState.isSubmitting}
            disabled={blockers.length > 0 || form.formState.isSubmitting}
          >
            {verb}
          </Button>
        </div>
      </Form>
    </Dialog>
  );
}
