import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Button, Dialog, Notice, toast, toastError } from "@/ui";
import { countOfChanges, DiffTable } from "./DiffTable";
import { activateVersion, type Version } from "./queries";
import { policyAffects, policyTitle } from "./words";

/** Asks before a version comes into force: what changes against the one that is, and for whom. */
export function ActivateDialog({
  policy,
  version,
  active,
  onClose,
}: {
  policy: string;
  version: Version;
  active: Version | undefined;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const number = version.version ?? 0;
  const activate = useMutation({
    mutationFn: () => activateVersion(policy, number),
    onSuccess: () => {
      toast("success", `Version ${number} of ${policyTitle(policy)} is in force`);
      onClose();
    },
    onError: toastError,
    onSettled: () => client.invalidateQueries({ queryKey: ["governance"] }),
  });
  return (
    <Dialog
      open
      onClose={onClose}
      size="large"
      title={`Put version ${number} in force`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" pending={activate.isPending} onClick={() => activate.mutate()}>
            Put in force
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-5">
        <Notice tone="warning" title="What this affects">
          <ul className="list-disc ps-4">
            {policyAffects(policy).map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </Notice>
        <section aria-label="Changes against the version in force">
          <h3 className="text-sm font-semibold">
            {active ? `Against version ${active.version}, which is in force` : "No version is in force"}
          </h3>
          <p className="mb-2 text-xs text-faint">
            {countOfChanges(active?.document ?? null, version.document ?? null)}
          </p>
          <div className="rounded-card border border-line">
            <DiffTable
              caption="What changes once it is in force"
              before={active?.document ?? null}
              after={version.document ?? null}
            />
          </div>
        </section>
        <p className="text-sm text-muted">
          You confirm with your second factor if you have not done so in the last minutes. The audit log keeps who put
          it in force and when.
        </p>
      </div>
    </Dialog>
  );
}
