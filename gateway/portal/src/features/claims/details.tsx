import { labelOf } from "@/features/charts/nemsis/fact";
import { KeyValue, Notice, StatusBadge } from "@/ui";
import { sentence } from "./Checklist";
import { Hcpcs } from "./parts";
import {
  hcpcsName,
  miles,
  modifierName,
  payerName,
  placeName,
  relationshipName,
  unknownPlace,
  type Claim,
  type Payer,
} from "./words";

/** The suggested code with the rule that made it, and what the crew thought. */
export function LevelOfService({ of }: { of: Claim }) {
  const level = of.levelOfService;
  if (!level) return null;
  const documented = level.documentedHcpcs ?? "";
  const differs = documented !== "" && documented !== level.hcpcs;
  return (
    <div className="flex flex-col gap-4">
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="font-display text-2xl leading-8 font-semibold">{level.hcpcs}</span>
        <span className="text-lg leading-7">{level.name || hcpcsName(level.hcpcs)}</span>
      </p>
      {differs ? (
        <Notice
          tone="warning"
          title={`The crew documented ${documented}${hcpcsName(documented) ? `, ${hcpcsName(documented)}` : ""} (ePayment.50)`}
        >
          The rules suggest {level.hcpcs}. Compare the chart with the explanation before the claim goes out.
        </Notice>
      ) : null}
      <KeyValue
        items={[
          ["Suggested because", sentence(level.explanation)],
          [
            "Rule",
            <code key="r" className="font-mono text-xs">
              {level.rule}
            </code>,
          ],
          ["Source", level.source],
          ["Documented by the crew", documented ? <Hcpcs key="d" code={documented} /> : "Nothing (ePayment.50)"],
        ]}
      />
    </div>
  );
}

/** Origin and destination letter by letter, and the further modifiers. */
export function Modifiers({ of }: { of: Claim }) {
  const trip = of.originDestinationModifier ?? "";
  const rows = [
    ...(trip
      ? [
          { code: trip.charAt(0), name: placeName(trip[0]), what: "Origin" },
          { code: trip.charAt(1), name: placeName(trip[1]), what: "Destination" },
        ]
      : []),
    ...(of.modifiers ?? []).map((code) => ({ code, name: modifierName(code), what: "Further modifier" })),
  ];
  if (rows.length === 0) return <p className="text-sm text-muted">None.</p>;
  return (
    <ul className="divide-y divide-line text-sm">
      {rows.map((row) => (
        <li
          key={row.what + row.code}
          className="grid grid-cols-[2.25rem_minmax(0,1fr)] items-baseline gap-x-3 py-2 first:pt-0 last:pb-0"
        >
          <span className="font-display text-lg leading-6 font-semibold">{row.code}</span>
          <span>
            <span className={row.code === unknownPlace ? "text-warning-text" : ""}>{row.name || "Not described"}</span>
            <span className="block text-xs text-faint">{row.what}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

export function Trip({ of }: { of: Claim }) {
  const { mileage } = of;
  return (
    <KeyValue
      items={[
        ["Pickup ZIP code", of.pickupZip],
        [
          "Loaded miles",
          mileage ? (
            <span key="m" className="font-display text-base leading-5 font-semibold tabular-nums">
              {miles(mileage.milesTenths)}
            </span>
          ) : undefined,
        ],
        mileage ? ["Code", <Hcpcs key="c" code={mileage.hcpcs} />] : null,
        mileage ? ["Rounding", sentence(mileage.rule)] : null,
      ]}
    />
  );
}

/** Diagnoses in the order of the claim, ICD-10-CM. */
export function Diagnoses({ of }: { of: Claim }) {
  const list = of.diagnoses ?? [];
  if (list.length === 0) return <p className="text-sm text-muted">None in the chart.</p>;
  return (
    <ol className="divide-y divide-line text-sm">
      {list.map((code, i) => (
        <li
          key={code}
          className="grid grid-cols-[5.5rem_minmax(0,1fr)] items-baseline gap-x-3 py-2 first:pt-0 last:pb-0"
        >
          <span className="font-mono text-[0.8125rem]">{code}</span>
          <span>
            {labelOf("condition", code) ?? "Not in the list of NEMSIS impressions"}
            {i === 0 ? <span className="block text-xs text-faint">Primary</span> : null}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** Payers in the order in which they are billed. */
export function Payers({ of }: { of: Claim }) {
  const list = of.payers ?? [];
  if (list.length === 0) {
    const wanted = of.missing?.some((m) => m.code === "PAYER_MISSING");
    return <p className="text-sm text-muted">{wanted ? "None in the chart." : "The chart records no insurance."}</p>;
  }
  return (
    <ol className="divide-y divide-line text-sm">
      {list.map((payer, i) => (
        <li key={i} className="py-2.5 first:pt-0 last:pb-0">
          <PayerRow payer={payer} />
        </li>
      ))}
    </ol>
  );
}

function PayerRow({ payer }: { payer: Payer }) {
  const { claimFilingIndicator: indicator, priority } = payer;
  return (
    <>
      <p className="flex flex-wrap items-center justify-between gap-x-3 gap-y-1">
        <span className="font-medium">
          {payerName(indicator) || "Type unknown"}
          {indicator ? <span className="ms-2 font-mono text-xs font-normal text-faint">SBR09 {indicator}</span> : null}
        </span>
        <StatusBadge tone={priority === "primary" ? "accent" : "neutral"}>
          {priority ? priority.charAt(0).toUpperCase() + priority.slice(1) : "Order unknown"}
        </StatusBadge>
      </p>
      <p className="mt-0.5 text-muted">
        Patient is insured as: {relationshipName(payer.relationship) || "not documented"}. Policy number{" "}
        {payer.policyNumberPresent ? "is in the chart" : "is missing"}.
      </p>
    </>
  );
}
