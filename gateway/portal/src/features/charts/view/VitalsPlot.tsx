import {
  Bar,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceLine,
  ResponsiveContainer,
  Scatter,
  ScatterChart,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { formatTime } from "@/time";
import { axisWidth, margin, TimeAxis } from "./TimeAxis";
import { staggered, ticksOf } from "./axis";
import type { Intervention } from "./interventions";
import { signsIn, summaryOf, type Point, type Sign } from "./vitals";

const rowHeight = 88;
const text = { fill: "var(--faint)", fontSize: 11 };

interface PlotProps {
  readonly points: readonly Point[];
  readonly interventions: readonly Intervention[];
  readonly domain: [number, number];
  readonly zone: string | undefined;
}

/**
 * Vital signs over time: one small plot for each, all on one time axis, with a row for medications and procedures whose lines run
 * through all of them. The table beside it holds the same figures.
 */
export default function VitalsPlot({ points, interventions, domain, zone }: PlotProps) {
  const ticks = ticksOf(domain);
  const done = interventions.filter((i): i is Intervention & { at: number } => i.at !== undefined);
  return (
    <div className="flex flex-col">
      {done.length > 0 ? (
        <Row title="Given and done" note="M and P as in the table">
          <Marks items={done} domain={domain} ticks={ticks} />
        </Row>
      ) : null}
      {signsIn(points).map((sign) => (
        <Row key={sign.key} title={sign.label} note={sign.unit}>
          <SignPlot sign={sign} points={points} marks={done} domain={domain} ticks={ticks} zone={zone} />
        </Row>
      ))}
      <TimeAxis domain={domain} ticks={ticks} zone={zone} />
    </div>
  );
}

function Row({ title, note, children }: { title: string; note: string; children: React.ReactNode }) {
  return (
    <div className="grid border-b border-line py-1 sm:grid-cols-[8.5rem_minmax(0,1fr)] sm:items-center">
      <p className="flex items-baseline gap-2 text-sm font-medium sm:block">
        {title}
        <span className="text-xs font-normal text-faint sm:block">{note}</span>
      </p>
      {children}
    </div>
  );
}

function SignPlot({
  sign,
  points,
  marks,
  domain,
  ticks,
  zone,
}: {
  sign: Sign;
  points: readonly Point[];
  marks: readonly { at: number; mark: string; done: boolean }[];
  domain: [number, number];
  ticks: number[];
  zone: string | undefined;
}) {
  const data = points.filter((p) => p[sign.key] !== undefined);
  const color = `var(--series-${sign.series})`;
  // A monitor that wrote down every half minute draws a line, not a rope of beads.
  const dense = data.length > 24;
  return (
    <div role="img" aria-label={`${sign.label}: ${summaryOf(sign, points)}`} style={{ height: rowHeight }}>
      <ResponsiveContainer width="100%" height={rowHeight}>
        <ComposedChart data={data} margin={margin} accessibilityLayer={false}>
          <CartesianGrid stroke="var(--line)" vertical={false} />
          <XAxis dataKey="at" type="number" domain={domain} ticks={ticks} scale="time" hide allowDataOverflow />
          <YAxis
            width={axisWidth}
            domain={[...(sign.range ?? niceDomain(sign, data))]}
            tickCount={3}
            // All three, the lowest too: a scale without its foot cannot be read.
            interval={0}
            allowDecimals={false}
            tick={text}
            tickLine={false}
            axisLine={false}
          />
          {marks.map((m) => (
            <ReferenceLine key={m.mark} x={m.at} stroke="var(--line-strong)" strokeDasharray={m.done ? "3 3" : "1 4"} />
          ))}
          <Tooltip
            isAnimationActive={false}
            cursor={{ stroke: "var(--muted)", strokeWidth: 1 }}
            content={({ active, payload }) => {
              const point = payload[0]?.payload as Point | undefined;
              return active && point ? <Reading sign={sign} point={point} zone={zone} /> : null;
            }}
          />
          {sign.key === "pressure" ? (
            <Bar
              dataKey="pressure"
              fill={color}
              barSize={dense ? 2 : 7}
              radius={dense ? 1 : 3}
              isAnimationActive={false}
            />
          ) : (
            <Line
              dataKey={sign.key}
              stroke={color}
              strokeWidth={2}
              dot={dense ? false : { r: 3.5, fill: "var(--card)", stroke: color, strokeWidth: 2 }}
              type="linear"
              isAnimationActive={false}
            />
          )}
        </ComposedChart>
      </ResponsiveContainer>
    </div>
  );
}

/** A scale with air around what was measured, never a line squeezed to its own noise. */
function niceDomain(sign: Sign, data: readonly Point[]): [number, number] {
  const values = data.flatMap((p) => (sign.key === "pressure" ? [...(p.pressure ?? [])] : [p[sign.key] as number]));
  const low = Math.min(...values);
  const high = Math.max(...values);
  const air = Math.max((high - low) * 0.2, sign.key === "pulseOximetry" ? 2 : 8);
  const top = Math.ceil((high + air) / 5) * 5;
  return [Math.max(0, Math.floor((low - air) / 5) * 5), sign.key === "pulseOximetry" ? Math.min(100, top) : top];
}

function Reading({ sign, point, zone }: { sign: Sign; point: Point; zone: string | undefined }) {
  const shown =
    sign.key === "pressure" ? `${point.systolic ?? ""}/${point.diastolic ?? ""}` : String(point[sign.key] ?? "");
  return (
    <div className="rounded-control border border-line-strong bg-card px-2.5 py-1.5 text-xs shadow-raised">
      <p className="font-semibold tabular-nums">
        {shown} {sign.unit}
      </p>
      <p className="text-muted tabular-nums">{formatTime(new Date(point.at), zone, "clock")}</p>
      {point.prior ? <p className="text-muted">Before this unit's care</p> : null}
    </div>
  );
}

/** Medications as diamonds above, procedures as squares below; what was not given is hollow. */
function Marks({
  items,
  domain,
  ticks,
}: {
  items: readonly (Intervention & { at: number })[];
  domain: [number, number];
  ticks: number[];
}) {
  const height = 104;
  const data = staggered(items, domain);
  const words = items.map((i) => `${i.mark} ${i.name}`).join(", ");
  return (
    <div role="img" aria-label={`Medications and procedures on the time axis: ${words}`} style={{ height }}>
      <ResponsiveContainer width="100%" height={height}>
        <ScatterChart margin={margin} accessibilityLayer={false}>
          <XAxis dataKey="at" type="number" domain={domain} ticks={ticks} scale="time" hide allowDataOverflow />
          <YAxis
            dataKey="lane"
            type="number"
            domain={[-0.6, 4.4]}
            width={axisWidth}
            ticks={[0.65, 3.05]}
            tickFormatter={(n: number) => (n > 2 ? "Med" : "Proc")}
            tick={text}
            tickLine={false}
            axisLine={false}
          />
          <Scatter data={data} isAnimationActive={false} shape={MarkShape} />
        </ScatterChart>
      </ResponsiveContainer>
    </div>
  );
}

function MarkShape({
  cx = 0,
  cy = 0,
  payload: item,
}: {
  cx?: number | undefined;
  cy?: number | undefined;
  payload?: unknown;
}) {
  const payload = item as Intervention;
  const color = payload.kind === "medication" ? "var(--series-1)" : "var(--series-3)";
  const fill = payload.done ? color : "var(--card)";
  const r = 5;
  return (
    <g>
      <title>{[`${payload.mark} ${payload.name}: ${payload.status}`, payload.why].filter(Boolean).join(", ")}</title>
      {payload.kind === "medication" ? (
        <path
          d={`M ${cx} ${cy - r - 1} L ${cx + r + 1} ${cy} L ${cx} ${cy + r + 1} L ${cx - r - 1} ${cy} Z`}
          fill={fill}
          stroke={color}
          strokeWidth={1.5}
        />
      ) : (
        <rect
          x={cx - r + 0.5}
          y={cy - r + 0.5}
          width={2 * r - 1}
          height={2 * r - 1}
          fill={fill}
          stroke={color}
          strokeWidth={1.5}
        />
      )}
      <text x={cx + r + 3} y={cy + 3.5} fontSize={10.5} fill="var(--muted)">
        {payload.mark}
      </text>
    </g>
  );
}
