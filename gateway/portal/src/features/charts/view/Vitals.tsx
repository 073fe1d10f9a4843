import { lazy, Suspense, useState } from "react";
import { useZone } from "@/time";
import { EmptyState, Section, Skeleton, Tabs } from "@/ui";
import { domainOf } from "./axis";
import { interventionsOf } from "./interventions";
import { pointsOf, saysVitals, signsIn } from "./vitals";
import { VitalsTable } from "./VitalsTable";
import type { ChartFacts } from "../queries";

const VitalsPlot = lazy(() => import("./VitalsPlot"));

/** Vital signs as plots and as the table of the same figures. */
export function Vitals({ facts }: { facts: ChartFacts | undefined }) {
  const [view, setView] = useState("plot");
  const zone = useZone();
  const points = pointsOf(facts?.vitals);
  const { medications, procedures } = interventionsOf(facts);
  const interventions = [...medications, ...procedures];
  const domain = domainOf(points, interventions);
  const sets = facts?.vitals ?? [];
  if (!sets.some(saysVitals) && domain === null) {
    return (
      <Section title="Vital signs" flush>
        <EmptyState title="No vital signs in the document">
          Nothing was measured, or nothing was written down.
        </EmptyState>
      </Section>
    );
  }
  const height = signsIn(points).length * 92 + 100;
  return (
    <Section
      title="Vital signs and interventions"
      note="All on one time axis. A line runs through every sign where something was given or done."
    >
      <Tabs
        label="Vital signs"
        value={view}
        onChange={setView}
        tabs={[
          {
            id: "plot",
            label: "Over time",
            content: domain ? (
              <Suspense
                fallback={
                  <div style={{ height }} className="p-2">
                    <Skeleton className="h-full w-full" />
                  </div>
                }
              >
                <VitalsPlot points={points} interventions={interventions} domain={domain} zone={zone} />
              </Suspense>
            ) : (
              <EmptyState title="No set of vital signs has a time">The table shows what was measured.</EmptyState>
            ),
          },
          { id: "table", label: "Table", content: <VitalsTable sets={sets} /> },
        ]}
      />
    </Section>
  );
}
