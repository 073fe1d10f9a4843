import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { DataList, linkClass, Page, Section, StatusBadge, rowsOf } from "@/ui";
import { policiesQuery, type Policy } from "./queries";
import { policyTitle } from "./words";

export function PoliciesPage() {
  const query = useInfiniteQuery(policiesQuery);
  return (
    <Page
      eyebrow="Governance"
      title="Policies"
      lead="The rules by which charts, claims and records are judged. A version never changes once it is made; one of them is in force."
    >
      <Section title="Policies" flush>
        <DataList
          caption="Policies"
          query={query}
          rows={rowsOf(query, (page) => page.policies)}
          rowKey={(policy) => policy.key ?? ""}
          empty="There are no policies"
          columns={[
            { id: "policy", header: "Policy", rowHeader: true, cell: (p) => <PolicyLink policy={p} /> },
            {
              id: "what",
              header: "What it governs",
              minor: true,
              cell: (p) => <span className="text-muted">{p.description}</span>,
            },
            {
              id: "active",
              header: "In force",
              align: "end",
              cell: (p) => <span className="whitespace-nowrap">Version {p.activeVersion}</span>,
            },
            { id: "latest", header: "Newest", cell: (p) => <Newest policy={p} /> },
          ]}
        />
      </Section>
    </Page>
  );
}

function PolicyLink({ policy }: { policy: Policy }) {
  return (
    <span className="block">
      <Link to={"/governance/$key"} params={{ key: policy.key } as never} className={linkClass}>
        {policyTitle(policy.key ?? "")}
      </Link>
      <span className="block font-mono text-2xs font-normal text-faint">{policy.key}</span>
    </span>
  );
}

function Newest({ policy }: { policy: Policy }) {
  const waits = (policy.latestVersion ?? 0) > (policy.activeVersion ?? 0);
  if (!waits) return <StatusBadge tone="success">In force</StatusBadge>;
  return <StatusBadge tone="warning">{`Version ${policy.latestVersion} is not in force`}</StatusBadge>;
}
