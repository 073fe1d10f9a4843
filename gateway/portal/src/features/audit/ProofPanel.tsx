import { useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { formatNumber, Time } from "@/time";
import { Button, KeyValue, Loaded, Section } from "@/ui";
import { Code } from "./CheckpointPanel";
import { fromBase64, textOf } from "./proof/bytes";
import { verificationQuery, type AuditEvent, type CheckedEntry } from "./queries";
import { Steps, Verdict } from "./Steps";

/** The proof that the entry is what the log holds, checked by this browser with nothing but the answers of the API. */
export function ProofPanel({ event }: { event: AuditEvent }) {
  const query = useQuery(verificationQuery(event));
  return (
    <Section
      title="Proof"
      note={query.data ? <CheckedAt at={query.data.at} /> : "Being checked in this browser"}
      actions={
        <Button
          icon={<RotateCw aria-hidden="true" className="size-4" />}
          pending={query.isFetching}
          onClick={() => void query.refetch()}
        >
          Verify again
        </Button>
      }
    >
      <Loaded query={query} lines={9}>
        {(checked) => <Proof checked={checked} />}
      </Loaded>
    </Section>
  );
}

function CheckedAt({ at }: { at: string }) {
  return (
    <>
      Checked in this browser at <Time value={at} style="time" />
    </>
  );
}

function Proof({ checked }: { checked: CheckedEntry }) {
  const { proof, steps, verifierKey } = checked;
  return (
    <div className="flex flex-col gap-5">
      <Verdict steps={steps} what="This entry" />
      <Steps steps={steps} />
      <details className="rounded-control border border-line">
        <summary className="min-h-9 px-3 py-2 text-sm text-muted hover:text-text">
          What was checked, for checking it elsewhere
        </summary>
        <div className="flex flex-col gap-4 border-t border-line p-3">
          <KeyValue
            items={[
              ["Leaf", formatNumber(proof.leafIndex)],
              ["Tree size", formatNumber(proof.treeSize)],
              ["Root hash", <Code key="root" text={proof.rootHash ?? ""} />],
              ["Verifier key", <Code key="key" text={verifierKey} />],
            ]}
          />
          <Part title="Leaf" text={readable(proof.leafInput ?? "")} />
          <Part
            title={`Path, ${(proof.path ?? []).length} hashes`}
            text={(proof.path ?? []).join("\n") || "A tree of one leaf has no path."}
          />
          <Part title="Checkpoint" text={proof.checkpoint ?? ""} />
        </div>
      </details>
    </div>
  );
}

function Part({ title, text }: { title: string; text: string }) {
  return (
    <div>
      <h3 className="mb-1 text-xs font-medium text-faint">{title}</h3>
      <Code text={text} block />
    </div>
  );
}

/** The leaf as text where it is text. */
function readable(leafInput: string): string {
  const bytes = fromBase64(leafInput);
  try {
    return bytes ? textOf(bytes) : leafInput;
  } catch {
    return leafInput;
  }
}
