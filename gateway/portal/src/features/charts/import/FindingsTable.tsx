import { ApiProblem } from "@/api";
import { DataTable, StatusBadge, type Column } from "@/ui";
import type { Finding } from "../queries";

export interface FindingRow {
  readonly severity: "error" | "warning";
  readonly element: string;
  readonly line: number;
  readonly rule: string;
  readonly message: string;
}

export function rowsOfFindings(findings: readonly Finding[]): FindingRow[] {
  return findings.map((f) => ({
    severity: f.severity === "SEVERITY_ERROR" ? "error" : "warning",
    element: f.element ?? "",
    line: f.line ?? 0,
    rule: f.rule ?? "",
    message: f.message ?? "",
  }));
}

/** What a refusal says about the document: each fault with its place. */
export function rowsOfProblem(problem: unknown): FindingRow[] {
  if (!(problem instanceof ApiProblem)) return [];
  return problem.errors.map((e) => ({
    severity: "error",
    element: e.element ?? elementOf(e.field),
    line: e.line ?? 0,
    rule: e.rule,
    message: e.message,
  }));
}

/** The last element of "/EMSDataSet/Header[1]/PatientCareReport[2]/eTimes/eTimes.03". */
function elementOf(field: string): string {
  return (field.split("/").pop() ?? field).replace(/\[\d+\]$/, "");
}

/** Findings with where they are and which rule says so, in the order of the document. */
export function FindingsTable({
  caption,
  rows,
  onLine,
}: {
  caption: string;
  rows: readonly FindingRow[];
  onLine?: (line: number) => void;
}) {
  const sorted = [...rows].sort((a, b) => a.line - b.line);
  const columns: readonly Column<FindingRow>[] = [
    {
      id: "severity",
      header: "Severity",
      cell: (row) => (
        <StatusBadge tone={row.severity === "error" ? "danger" : "warning"}>
          {row.severity === "error" ? "Error" : "Warning"}
        </StatusBadge>
      ),
    },
    {
      id: "element",
      header: "Element",
      rowHeader: true,
      cell: (row) => <span className="whitespace-nowrap">{row.element || "—"}</span>,
    },
    {
      id: "line",
      header: "Line",
      align: "end",
      cell: (row) => <Line line={row.line} {...(onLine ? { onLine } : {})} />,
    },
    { id: "message", header: "What is wrong and what would be right", width: "lg:w-1/2", cell: (row) => row.message },
    {
      id: "rule",
      header: "Rule",
      cell: (row) => <code className="font-mono text-xs break-words text-muted">{breakable(row.rule)}</code>,
    },
  ];
  const long = sorted.length > 8;
  return (
    <div className="max-h-96 overflow-auto" {...(long ? { role: "region", "aria-label": caption, tabIndex: 0 } : {})}>
      <DataTable
        caption={caption}
        columns={columns}
        rows={sorted}
        rowKey={(row) => String(sorted.indexOf(row))}
        empty=""
      />
    </div>
  );
}

/** May be broken where its parts end. */
const breakable = (rule: string) => rule.replace(/[._]/g, "$&\u200b");

function Line({ line, onLine }: { line: number; onLine?: (line: number) => void }) {
  if (line === 0) return <span className="text-faint">—</span>;
  if (!onLine) return line;
  return (
    <button
      type="button"
      aria-label={`Show line ${line}`}
      className="min-h-6 min-w-6 text-accent-text underline-offset-4 hover:underline"
      onClick={() => onLine(line)}
    >
      {line}
    </button>
  );
}
