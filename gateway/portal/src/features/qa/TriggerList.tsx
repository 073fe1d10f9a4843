import type { ReactNode } from "react";
import { classes } from "@/ui";
import { ClassMark } from "./badges";
import { Bullet } from "./Bullet";
import { ChartLink } from "./links";
import { byStrictness, triggerName, type Trigger } from "./words";

/** Every trigger of a case, the strictest first: what was measured, against what, and where that was read. */
export function TriggerList({
  triggers,
  chartName,
}: {
  triggers: readonly Trigger[] | undefined;
  chartName: (id: string) => string;
}) {
  const list = byStrictness(triggers);
  if (list.length === 0) {
    return (
      <p className="text-muted">Nothing fires any more on the newest versions of the charts. The review stays open.</p>
    );
  }
  return (
    <ul className="divide-y divide-line">
      {list.map((t) => (
        <li
          key={`${t.chartId}|${t.code}`}
          className="grid gap-x-8 gap-y-3 px-4 py-4 lg:grid-cols-[minmax(0,1fr)_20rem]"
        >
          <div className="min-w-0">
            <h3 className="flex flex-wrap items-baseline gap-x-3 gap-y-1 font-semibold text-[0.9375rem] leading-6">
              {triggerName(t.code)}
              <code className="font-mono text-xs font-normal text-faint">{t.code}</code>
            </h3>
            <p className="mt-1 max-w-[72ch] text-muted">{t.explanation}</p>
            <Elements of={t.elements} />
          </div>
          <div className="flex min-w-0 flex-col gap-3">
            {t.measuredValue !== undefined && t.threshold !== undefined ? (
              <Bullet measured={t.measuredValue} threshold={t.threshold} unit={t.unit ?? ""} />
            ) : (
              <p className="text-sm text-muted">An event: it is there or it is not, nothing is measured.</p>
            )}
            <dl className="grid grid-cols-[auto_1fr] gap-x-5 gap-y-1 text-xs text-muted">
              <Fact name="Class">
                <ClassMark of={t} />
              </Fact>
              <Fact name="Rule version">{t.ruleVersion}</Fact>
              <Fact name="On" wide>
                {t.chartId ? <ChartLink id={t.chartId}>{chartName(t.chartId)}</ChartLink> : "—"}
              </Fact>
            </dl>
          </div>
        </li>
      ))}
    </ul>
  );
}

function Fact({ name, wide = false, children }: { name: string; wide?: boolean; children: ReactNode }) {
  return (
    <div className={classes("flex items-baseline gap-1.5", wide && "col-span-2")}>
      <dt className="text-faint">{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Elements({ of }: { of: readonly string[] | undefined }) {
  if (!of?.length) return null;
  return (
    <div className="mt-2 flex flex-wrap items-center gap-1.5">
      <span className="text-xs text-faint">Read from</span>
      <ul className="flex flex-wrap gap-1.5">
        {of.map((element) => (
          <li
            key={element}
            className="rounded border border-line bg-raised px-1.5 font-mono text-xs leading-5 text-muted"
          >
            {element}
          </li>
        ))}
      </ul>
    </div>
  );
}
