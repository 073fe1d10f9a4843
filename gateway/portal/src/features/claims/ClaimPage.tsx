import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { ArrowLeft } from "lucide-react";
import { useAgencyNames } from "@/features/qa/agencies";
import { PolicyVersion } from "@/features/qa/links";
import { Since } from "@/features/qa/Since";
import { useCan } from "@/permissions";
import { formatDate } from "@/time";
import { ButtonLink, KeyValue, Loaded, Notice, Page, Section } from "@/ui";
import { checklist, progress } from "./needs";
import { Checklist, sentence } from "./Checklist";
import { Diagnoses, LevelOfService, Modifiers, Payers, Trip } from "./details";
import { Age, StateBadge } from "./parts";
import { claimQuery } from "./queries";
import { noBillName, type Claim } from "./words";

const route = getRouteApi("/billing/claims/$claimId");

/** One claim: what is billed and why, what is missing and what to do about it; or why nothing is billed. */
export function ClaimPage() {
  const { claimId } = route.useParams();
  const query = useQuery(claimQuery(claimId));
  const claim = query.data;
  return (
    <Page
      eyebrow="Claim"
      title={
        claim ? (claim.serviceDate ? `Service of ${formatDate(claim.serviceDate)}` : "Service without a date") : "Claim"
      }
      actions={<Ways of={claim} />}
    >
      <Loaded query={query} lines={10}>
        {(found) => <Whole of={found} />}
      </Loaded>
    </Page>
  );
}

/** Where one goes from here; chart and journey for those who may read charts. */
function Ways({ of }: { of: Claim | undefined }) {
  const may = useCan("ChartService_GetChart");
  return (
    <>
      {may && of?.chartId ? (
        <>
          <ButtonLink to="/charts/$chartId" params={{ chartId: of.chartId }}>
            Chart
          </ButtonLink>
          <ButtonLink to="/charts/$chartId/journey" params={{ chartId: of.chartId }}>
            Journey
          </ButtonLink>
        </>
      ) : null}
      <ButtonLink to="/billing/claims" icon={<ArrowLeft aria-hidden="true" className="size-4" />}>
        Worklist
      </ButtonLink>
    </>
  );
}

function Whole({ of }: { of: Claim }) {
  return (
    <>
      <Facts of={of} />
      {of.noBill ? <NoBill of={of} /> : <Billed of={of} />}
    </>
  );
}

function Facts({ of }: { of: Claim }) {
  const agencyOf = useAgencyNames();
  return (
    <Section title="Claim">
      <KeyValue
        columns={3}
        items={[
          ["State", <StateBadge key="s" state={of.state} />],
          ["Age", <Age key="a" of={of} />],
          ["Judged under", <PolicyVersion key="p" of={of.policyVersion} />],
          ["Drafted", <Since key="c" at={of.createTime} />],
          ["Last change", <Since key="u" at={of.updateTime} />],
          ["Chart version", of.chartVersion],
          agencyOf ? ["Agency", agencyOf(of.agencyId ?? "")] : null,
        ]}
      />
    </Section>
  );
}

function NoBill({ of }: { of: Claim }) {
  return (
    <Section title="Why nothing is billed">
      <div className="flex flex-col gap-4">
        <p className="font-display text-lg leading-7 font-semibold">{noBillName(of.noBill?.code)}</p>
        <KeyValue
          items={[
            ["Because", sentence(of.noBill?.explanation)],
            [
              "Reason",
              <code key="r" className="font-mono text-xs">
                {of.noBill?.code}
              </code>,
            ],
            ["Pickup ZIP code", of.pickupZip],
          ]}
        />
        <p className="max-w-[72ch] text-sm text-muted">
          If the chart is wrong, have it corrected: a newer version of it is judged anew and replaces this draft.
        </p>
      </div>
    </Section>
  );
}

function Billed({ of }: { of: Claim }) {
  const groups = checklist(of);
  const { there, needed } = progress(groups);
  const missing = needed - there;
  return (
    <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <div className="flex min-w-0 flex-col gap-6">
        <Section title="Level of service" note="A suggestion; a person confirms it">
          <LevelOfService of={of} />
        </Section>
        <Section
          title="Completeness"
          note={`${missing === 0 ? "Nothing" : missing} missing, ${there} of ${needed} in order`}
        >
          <div className="flex flex-col gap-5">
            {of.state === "STATE_READY" ? <Notice tone="success" title="Complete as far as rules can tell" /> : null}
            <Checklist groups={groups} />
          </div>
        </Section>
      </div>
      <div className="grid min-w-0 items-start gap-6 md:grid-cols-2 xl:grid-cols-1">
        <Section title="Trip and mileage">
          <Trip of={of} />
        </Section>
        <Section title="Modifiers">
          <Modifiers of={of} />
        </Section>
        <Section title="Payers" note="In the order in which they are billed">
          <Payers of={of} />
        </Section>
        <Section title="Diagnoses" note="ICD-10-CM">
          <Diagnoses of={of} />
        </Section>
      </div>
    </div>
  );
}
