import { formatTime, useZone } from "@/time";
import { DataTable, type Column } from "@/ui";
import { isSaid, isYes, timeOf, type Fact } from "../nemsis/fact";
import { FactList, FactText } from "../nemsis/FactText";
import type { VitalSet } from "./vitals";

const numbers: readonly (readonly [string, string, (set: VitalSet) => Fact | undefined])[] = [
  ["hr", "Heart rate", (s) => s.heartRate],
  ["sbp", "Systolic", (s) => s.systolic],
  ["dbp", "Diastolic", (s) => s.diastolic],
  ["spo2", "SpO₂", (s) => s.pulseOximetry],
  ["rr", "Respirations", (s) => s.respiratoryRate],
  ["etco2", "EtCO₂", (s) => s.etco2],
  ["glucose", "Glucose", (s) => s.glucose],
  ["gcs", "GCS", (s) => s.gcsTotal],
  ["pain", "Pain", (s) => s.pain],
];

const coded: readonly (readonly [string, string, (set: VitalSet) => Fact | undefined])[] = [
  ["avpu", "AVPU", (s) => s.avpu],
  ["stroke", "Stroke scale", (s) => s.strokeResult],
];

/** Every set as the document has it, with not values and pertinent negatives. A sign that no set mentions has no column. */
export function VitalsTable({ sets }: { sets: readonly VitalSet[] }) {
  const zone = useZone();
  const columns: Column<VitalSet>[] = [
    {
      id: "time",
      header: "Taken",
      rowHeader: true,
      cell: (s) => {
        const at = timeOf(s.time);
        return (
          <>
            {at === undefined ? (
              <FactText fact={s.time} as="text" />
            ) : (
              <span className="whitespace-nowrap tabular-nums">{formatTime(new Date(at), zone, "clock")}</span>
            )}
            {isYes(s.priorToCare) ? (
              <span className="block text-xs font-normal text-faint">Before this unit's care</span>
            ) : null}
          </>
        );
      },
    },
    ...numbers
      .filter(([, , pick]) => sets.some((s) => isSaid(pick(s))))
      .map(([id, header, pick]): Column<VitalSet> => ({
        id,
        header,
        align: "end",
        cell: (s) => <FactText fact={pick(s)} as="number" />,
      })),
    ...coded
      .filter(([, , pick]) => sets.some((s) => isSaid(pick(s))))
      .map(([id, header, pick]): Column<VitalSet> => ({ id, header, cell: (s) => <FactText fact={pick(s)} /> })),
    { id: "rhythm", header: "Rhythm", cell: (s) => <FactList facts={s.rhythms} /> },
  ];
  return (
    <DataTable
      caption="Vital signs"
      columns={columns}
      rows={sets}
      rowKey={(s) => String(sets.indexOf(s))}
      empty="The document has no vital signs"
    />
  );
}
