import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api, read, type Schema } from "@/api";
import { Frame, keepAgency, pathIn } from "@/features/workspace/Frame";
import { Gate } from "@/features/workspace/Gate";
import { allQuery } from "@/features/workspace/queries";
import { DateText } from "@/time";
import { DataTable, linkClass, Loaded, Notice, Section, StatusBadge, type Column, type Tone } from "@/ui";
import { cms } from "./workspace";

type Check = Schema<"v1ReadinessCheck">;
type Verdict = Schema<"CmsReadinessVerdict">;

const verdicts: Record<Verdict, { label: string; tone: Tone }> = {
  VERDICT_PASS: { label: "Holds", tone: "success" },
  VERDICT_FAIL: { label: "Does not hold", tone: "danger" },
  VERDICT_UNKNOWN: { label: "Not on record", tone: "warning" },
};

const overall: Record<Verdict, string> = {
  VERDICT_PASS: "Every required check holds",
  VERDICT_FAIL: "A required check does not hold",
  VERDICT_UNKNOWN: "A required check cannot be answered yet",
};

/** Names of the checks; one that this build does not know is shown by its code. */
const checkWords: Record<string, string> = {
  ENROLLMENT_ON_RECORD: "An enrollment is on record",
  NPI_VALID: "The NPI is well formed",
  PTAN_ON_RECORD: "The PTAN is on record",
  PECOS_ON_RECORD: "The PECOS enrollment ID is on record",
  MAC_ON_RECORD: "The administrative contractor is on record",
  ENROLLMENT_EFFECTIVE: "The enrollment is in effect",
  REVALIDATION_CURRENT: "Revalidation is not overdue",
  RECENTLY_VERIFIED: "It was looked up recently",
  PAYER_PARTICIPATION: "A payer participation is in force",
};

const toneOf = (check: Check) => verdicts[check.verdict ?? "VERDICT_UNKNOWN"];

/** Whether the agency is ready to bill under its enrollments, and what to do where it is not. */
export function ReadinessPage() {
  return (
    <Gate ws={cms}>
      <Readiness />
    </Gate>
  );
}

function Readiness() {
  const readiness = useQuery({
    queryKey: ["cms", "readiness"],
    queryFn: ({ signal }) => read(api.GET("/api/cms/readiness-check", { signal })),
  });
  const all = useQuery(allQuery(cms));
  const names = new Map(all.data?.map((r) => [`cms/metadata/${r.id ?? ""}`, cms.nameOf(r)]));
  return (
    <Frame
      ws={cms}
      title="Readiness"
      lead="Each check against what is on record. What the record does not tell is not guessed."
    >
      <Loaded query={readiness} lines={10}>
        {(answer) => {
          const verdict = answer.overall ?? "VERDICT_UNKNOWN";
          const open = (answer.checks ?? []).filter((c) => c.verdict !== "VERDICT_PASS");
          return (
            <>
              <Notice tone={verdicts[verdict].tone} title={overall[verdict]}>
                {open.length === 0
                  ? "Nothing is left to do."
                  : `${open.length} ${open.length === 1 ? "check needs" : "checks need"} something.`}{" "}
                Answered for <DateText value={answer.checkDate} />.
              </Notice>
              <Section title="Checks" flush>
                <DataTable
                  caption="Checks of readiness"
                  columns={columns(names)}
                  rows={[...(answer.checks ?? [])].sort(openFirst)}
                  rowKey={(c) => `${c.check ?? ""} ${c.record ?? ""}`}
                  empty="No checks"
                />
              </Section>
            </>
          );
        }}
      </Loaded>
    </Frame>
  );
}

const rank = (c: Check) =>
  (c.verdict === "VERDICT_FAIL" ? 0 : c.verdict === "VERDICT_PASS" ? 2 : 1) + (c.required ? 0 : 0.5);

function openFirst(a: Check, b: Check): number {
  return rank(a) - rank(b);
}

function columns(names: ReadonlyMap<string, string>): Column<Check>[] {
  return [
    { id: "check", header: "Check", rowHeader: true, cell: (c) => checkWords[c.check ?? ""] ?? c.check },
    {
      id: "record",
      header: "Enrollment",
      cell: (c) =>
        c.record ? (
          <Link
            to={pathIn(cms, `/records/${c.record.split("/").at(-1) ?? ""}`)}
            search={keepAgency}
            className={linkClass}
          >
            {names.get(c.record) ?? "Enrollment"}
          </Link>
        ) : (
          <span className="text-muted">The agency</span>
        ),
    },
    {
      id: "verdict",
      header: "Verdict",
      cell: (c) => <StatusBadge tone={toneOf(c).tone}>{toneOf(c).label}</StatusBadge>,
    },
    { id: "required", header: "Required", cell: (c) => (c.required ? "Yes" : "No"), minor: true },
    {
      id: "action",
      header: "What to do",
      cell: (c) => (c.action ? capital(c.action) : <span className="text-faint">—</span>),
    },
  ];
}

const capital = (text: string) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
