import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { Schema } from "@/api";
import { FactText } from "@/features/charts/nemsis/FactText";
import { isSaid, say, timeOf, type Fact } from "@/features/charts/nemsis/fact";
import { chartQuery } from "@/features/charts/queries";
import { saysVitals } from "@/features/charts/view/vitals";
import { formatClock, formatDuration, formatTime, isoDay, Time, useZone, zoneName } from "@/time";
import { classes, KeyValue, Loaded, linkClass } from "@/ui";

type Facts = Schema<"v1ChartFacts">;

const moments: readonly (readonly [string, string])[] = [
  ["eTimes.03", "Unit notified"],
  ["eTimes.05", "En route"],
  ["eTimes.06", "On scene"],
  ["eTimes.07", "At patient"],
  ["eTimes.09", "Left scene"],
  ["eTimes.11", "At destination"],
  ["eTimes.13", "Back in service"],
];

/** As much of a chart as a reviewer needs to place a trigger; the rest is one link away. */
export function ChartExcerpt({ id }: { id: string }) {
  const query = useQuery(chartQuery(id));
  return (
    <Loaded query={query} lines={18}>
      {(chart) => (
        <div className="flex flex-col gap-5">
          <div className="flex flex-wrap items-baseline justify-between gap-3 text-sm">
            <p className="text-muted">
              PCR <span className="text-text">{chart.pcrNumber}</span>
              {chart.unitCallSign ? (
                <>
                  , unit <span className="text-text">{chart.unitCallSign}</span>
                </>
              ) : null}
              , version {chart.version}, imported <Time value={chart.importTime} />
            </p>
            <p className="flex gap-4">
              <Link to="/charts/$chartId" params={{ chartId: id }} className={linkClass}>
                Open chart
              </Link>
              <Link to="/charts/$chartId/journey" params={{ chartId: id }} className={linkClass}>
                Journey
              </Link>
            </p>
          </div>
          {chart.facts ? <Excerpt facts={chart.facts} /> : null}
        </div>
      )}
    </Loaded>
  );
}

function Excerpt({ facts }: { facts: Facts }) {
  const { situation, disposition, patient } = facts;
  return (
    <>
      <div className="grid gap-x-10 gap-y-5 lg:grid-cols-2">
        <Times facts={facts} />
        <KeyValue
          items={[
            [
              "Age",
              patient?.ageYears === undefined
                ? patient?.pediatric
                  ? "Under 18"
                  : undefined
                : `${patient.ageYears} years`,
            ],
            ["Initial acuity", <FactText key="a" fact={patient?.initialAcuity} />],
            ["Primary impression", <FactText key="i" fact={situation?.primaryImpression} as="condition" />],
            ["Primary symptom", <FactText key="s" fact={situation?.primarySymptom} as="condition" />],
            isSaid(facts.arrest?.cardiacArrest)
              ? ["Cardiac arrest", <FactText key="c" fact={facts.arrest?.cardiacArrest} />]
              : null,
            ["Unit disposition", <FactText key="u" fact={disposition?.unit} />],
            ["Care", <FactText key="e" fact={disposition?.care} />],
            ["Transport", <FactText key="t" fact={disposition?.transport} />],
          ]}
        />
      </div>
      <Vitals sets={facts.vitals} />
    </>
  );
}

const cell = "py-1.5 tabular-nums sm:whitespace-nowrap";

/** When, and how long after the unit was notified; the day once where all times are of one. */
function Times({ facts }: { facts: Facts }) {
  const zone = useZone();
  const rows = moments.filter(([element]) => isSaid(facts.times?.[element]));
  const known = rows.map(([element]) => timeOf(facts.times?.[element])).filter((at) => at !== undefined);
  const [first] = known;
  const oneDay = new Set(known.map((at) => isoDay(new Date(at), zone))).size === 1;
  const notified = timeOf(facts.times?.["eTimes.03"]);
  return (
    <div className="min-w-0">
      <table className="w-full border-collapse text-sm">
        <caption className="pb-1.5 text-start text-xs font-medium text-faint">
          Times
          {oneDay && first !== undefined
            ? ` of ${formatTime(new Date(first), zone, "date")}, ${zoneName(zone, new Date(first))}`
            : ""}
        </caption>
        <thead className="sr-only">
          <tr>
            <th scope="col">Event</th>
            <th scope="col">Time</th>
            <th scope="col">After notification</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([element, name]) => {
            const at = timeOf(facts.times?.[element]);
            const after = at !== undefined && notified !== undefined ? (at - notified) / 1000 : undefined;
            return (
              <tr key={element} className="border-b border-line last:border-b-0">
                <th scope="row" className={classes(cell, "pe-2 text-start font-normal text-faint")} title={element}>
                  {name}
                </th>
                <td className={classes(cell, "text-end")}>
                  {at === undefined ? (
                    <FactText fact={facts.times?.[element]} />
                  ) : (
                    <Moment at={at} zone={zone} withDay={!oneDay} />
                  )}
                </td>
                <td className={classes(cell, "ps-2 text-end text-muted")}>
                  {after ? `+${formatDuration(after)}` : ""}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <Spans of={facts.intervals} />
    </div>
  );
}

function Moment({ at, zone, withDay }: { at: number; zone: string | undefined; withDay: boolean }) {
  const whole = formatTime(new Date(at), zone, "seconds");
  return (
    <time dateTime={new Date(at).toISOString()} title={whole}>
      {withDay ? whole : formatClock(at, zone)}
    </time>
  );
}

function Spans({ of = {} }: { of: Schema<"v1Intervals"> | undefined }) {
  const text = (i: Schema<"clinicalV1Interval"> | undefined) =>
    i?.invalid
      ? "not usable: times out of order or more than a day apart"
      : i?.seconds === undefined
        ? ""
        : formatDuration(i.seconds);
  const spans = [
    ["Response", of.cancelledBeforeArrival ? "cancelled before arrival" : text(of.response)],
    ["On scene", text(of.onScene)],
    ["Transport", text(of.transport)],
  ].filter(([, value]) => value);
  if (spans.length === 0) return null;
  return (
    <dl className="mt-3 flex flex-wrap gap-x-5 gap-y-1 text-sm">
      {spans.map(([name, value]) => (
        <div key={name} className="flex gap-1.5">
          <dt className="text-faint">{name}</dt>
          <dd className="tabular-nums">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const shownSets = 6;

const columns: readonly (readonly [string, (v: Schema<"v1VitalSet">) => string])[] = [
  ["BP", (v) => (isSaid(v.systolic) || isSaid(v.diastolic) ? `${short(v.systolic)}/${short(v.diastolic)}` : "—")],
  ["HR", (v) => short(v.heartRate)],
  ["SpO2", (v) => short(v.pulseOximetry)],
  ["RR", (v) => short(v.respiratoryRate)],
  ["EtCO2", (v) => short(v.etco2)],
  ["GCS", (v) => short(v.gcsTotal)],
];

const short = (fact: Fact | undefined) => (fact?.state === "STATE_VALUE" ? say(fact, "number").text : "—");

function Vitals({ sets: all }: { sets: readonly Schema<"v1VitalSet">[] | undefined }) {
  const zone = useZone();
  const sets = all?.filter(saysVitals);
  const first = sets?.map((set) => timeOf(set.time)).find((at) => at !== undefined);
  const zoneOf = first === undefined ? "" : zoneName(zone, new Date(first));
  if (!sets?.length) return <p className="text-sm text-muted">No vital sign was measured.</p>;
  return (
    <div className="min-w-0">
      <table className="w-full max-w-3xl border-collapse text-xs sm:text-sm">
        <caption className="pb-1.5 text-start text-xs font-medium text-faint">
          Vital signs{sets.length > shownSets ? `, the first ${shownSets} of ${sets.length} sets` : ""}
          {zoneOf ? `, times in ${zoneOf}` : ""}
        </caption>
        <thead>
          <tr className="border-b border-line text-xs text-faint">
            <th scope="col" className="py-1.5 pe-2 text-start font-medium">
              Time
            </th>
            {columns.map(([name]) => (
              <th key={name} scope="col" className="px-1 py-1.5 sm:px-3 text-end font-medium whitespace-nowrap">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sets.slice(0, shownSets).map((set, i) => {
            const at = timeOf(set.time);
            return (
              <tr key={i} className="border-b border-line last:border-b-0">
                <th scope="row" className="py-1.5 pe-2 text-start font-normal whitespace-nowrap text-muted">
                  {at === undefined ? "—" : formatClock(at, zone, "time")}
                </th>
                {columns.map(([name, value]) => (
                  <td key={name} className="px-1 py-1.5 sm:px-3 text-end whitespace-nowrap tabular-nums">
                    {value(set)}
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
