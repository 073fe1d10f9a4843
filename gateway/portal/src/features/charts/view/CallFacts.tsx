import { Columns, DataTable, KeyValue, Section, type Column } from "@/ui";
import { formatTime, useZone } from "@/time";
import type { Schema } from "@/api";
import { isSaid, timeOf, type Fact, type Vocabulary } from "../nemsis/fact";
import { FactList, FactText } from "../nemsis/FactText";
import type { ChartFacts } from "../queries";

type Pair = readonly [string, React.ReactNode];

const one = (label: string, fact: Fact | undefined, as?: Vocabulary): Pair => [
  label,
  <FactText key={label} fact={fact} {...(as ? { as } : {})} />,
];
const many = (label: string, facts: readonly Fact[] | undefined, as?: Vocabulary): Pair => [
  label,
  <FactList key={label} facts={facts} {...(as ? { as } : {})} />,
];

/** Parts of the document that few calls have are left out when it says nothing there. */
const several = (label: string, facts: readonly Fact[] | undefined, as?: Vocabulary): Pair | null =>
  facts?.some(isSaid) ? many(label, facts, as) : null;

/** How the unit was sent, what was found, and what became of the patient. */
export function CallFacts({ facts }: { facts: ChartFacts | undefined }) {
  const { response, patient, situation, disposition, arrest } = facts ?? {};
  return (
    <Columns>
      <Section title="Response">
        <KeyValue
          items={[
            ["Priority, as judged", priorityText(response?.priority)],
            one("Dispatch priority", response?.dispatchPriority),
            one("Dispatch reason", response?.dispatchReason),
            one("Service requested", response?.serviceType),
            one("Response mode", response?.mode),
            one("Unit capability", response?.unitCapability),
            one("Vehicle", response?.vehicleNumber, "text"),
          ]}
        />
      </Section>
      <Section title="Situation">
        <KeyValue
          items={[
            ["Age", ageText(patient)],
            one("Initial acuity", patient?.initialAcuity),
            one("Primary symptom", situation?.primarySymptom, "condition"),
            several("Other symptoms", situation?.otherSymptoms, "condition"),
            one("Primary impression", situation?.primaryImpression, "condition"),
            several("Secondary impressions", situation?.secondaryImpressions, "condition"),
            one("Possible injury", situation?.possibleInjury),
            several("Trauma, high risk", situation?.traumaHighRisk),
            several("Trauma, moderate risk", situation?.traumaModerateRisk),
            several("Protocols", facts?.protocols),
          ]}
        />
      </Section>
      <Section title="Disposition">
        <KeyValue
          items={[
            one("Unit", disposition?.unit),
            one("Evaluation and care", disposition?.care),
            one("Crew", disposition?.crew),
            one("Transport", disposition?.transport),
            isSaid(disposition?.incidentV34) ? one("Incident (NEMSIS 3.4)", disposition?.incidentV34) : null,
            several("Refusal or release", disposition?.refusalReasons),
            one("Level of care", disposition?.levelOfCare),
            one("Transport method", disposition?.transportMethod),
            one("Destination", disposition?.destinationType),
            several("Team activations", disposition?.teamActivations),
            one("Acuity at release", patient?.finalAcuity),
          ]}
        />
      </Section>
      <Section title="Cardiac arrest">
        <KeyValue
          items={[
            one("Cardiac arrest", arrest?.cardiacArrest),
            isSaid(arrest?.etiology) ? one("Etiology", arrest?.etiology) : null,
            several("Resuscitation", arrest?.resuscitation),
            isSaid(arrest?.firstRhythm) ? one("First rhythm", arrest?.firstRhythm) : null,
            several("Return of circulation", arrest?.rosc),
            isSaid(arrest?.stopReason) ? one("Reason to stop", arrest?.stopReason) : null,
            isSaid(arrest?.endOfEvent) ? one("End of event", arrest?.endOfEvent) : null,
          ]}
        />
      </Section>
    </Columns>
  );
}

const priorityText = (priority: string | undefined) =>
  priority ? priority.charAt(0).toUpperCase() + priority.slice(1) : "";

function ageText(patient: ChartFacts["patient"]): string {
  if (patient?.ageYears === undefined) return "Not in the document";
  const years = patient.ageYears === 1 ? "1 year" : `${patient.ageYears} years`;
  return patient.pediatric ? `${years}, pediatric` : years;
}

type Member = Schema<"v1CrewMember">;
type Signature = Schema<"v1Signature">;

const crewColumns: readonly Column<Member>[] = [
  { id: "id", header: "Crew id", rowHeader: true, cell: (m) => <FactText fact={m.crewId} as="text" /> },
  { id: "level", header: "Level", cell: (m) => <FactText fact={m.level} /> },
  { id: "roles", header: "Roles", cell: (m) => <FactList facts={m.roles} /> },
];

/** Who was on the call, and who signed. */
export function CrewAndSignatures({ facts }: { facts: ChartFacts | undefined }) {
  const zone = useZone();
  const crew = facts?.crew ?? [];
  const signatures = facts?.signatures ?? [];
  const signatureColumns: readonly Column<Signature>[] = [
    { id: "signer", header: "Signed by", rowHeader: true, cell: (s) => <FactText fact={s.signer} /> },
    { id: "reasons", header: "For", cell: (s) => <FactList facts={s.reasons} /> },
    { id: "status", header: "Status", cell: (s) => <FactText fact={s.status} /> },
    {
      id: "time",
      header: "Time",
      minor: true,
      cell: (s) => {
        const at = timeOf(s.time);
        return at === undefined ? <FactText fact={s.time} as="text" /> : formatTime(new Date(at), zone);
      },
    },
  ];
  return (
    <div className="grid gap-6 2xl:grid-cols-2">
      <Section title="Crew" flush>
        <DataTable
          caption="Crew"
          columns={crewColumns}
          rows={crew}
          rowKey={(m) => String(crew.indexOf(m))}
          empty="The document names no crew"
        />
      </Section>
      <Section title="Signatures" flush>
        <DataTable
          caption="Signatures"
          columns={signatureColumns}
          rows={signatures}
          rowKey={(s) => String(signatures.indexOf(s))}
          empty="The document has no signatures"
        />
      </Section>
    </div>
  );
}
