import { DataTable, EmptyState, StatusBadge } from "@/ui";
import { diff, pathWords, valueText, type Change, type Json } from "./diff";

const kinds = {
  added: { label: "Added", tone: "success" },
  removed: { label: "Removed", tone: "danger" },
  changed: { label: "Changed", tone: "info" },
} as const;

function Value({ value }: { value: Json | undefined }) {
  if (value === undefined) return <span className="text-faint">—</span>;
  return <code className="font-mono text-xs break-words">{valueText(value)}</code>;
}

/** What makes the one document the other, place by place. */
export function DiffTable({
  before,
  after,
  caption,
  same = "The two say the same",
}: {
  before: Json;
  after: Json;
  caption: string;
  same?: string;
}) {
  const changes: readonly Change[] = diff(before, after);
  return (
    <DataTable
      caption={caption}
      rows={changes}
      rowKey={(change) => `${change.kind} ${change.path.join("/")}`}
      empty={<EmptyState title={same} />}
      columns={[
        {
          id: "kind",
          header: "Kind",
          width: "lg:w-32",
          cell: (c) => <StatusBadge tone={kinds[c.kind].tone}>{kinds[c.kind].label}</StatusBadge>,
        },
        {
          id: "path",
          header: "Where",
          rowHeader: true,
          cell: (c) => <span className="break-words">{pathWords(c.path)}</span>,
        },
        { id: "before", header: "Old", cell: (c) => <Value value={c.kind === "added" ? undefined : c.before} /> },
        { id: "after", header: "New", cell: (c) => <Value value={c.kind === "removed" ? undefined : c.after} /> },
      ]}
    />
  );
}

/** How many places differ, as a sentence. */
export function countOfChanges(before: Json, after: Json): string {
  const n = diff(before, after).length;
  return n === 0 ? "Nothing differs" : n === 1 ? "1 place differs" : `${n} places differ`;
}
