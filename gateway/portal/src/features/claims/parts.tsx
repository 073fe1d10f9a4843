import { isoDay, fromCalendarDate, useZone } from "@/time";
import { StatusBadge } from "@/ui";
import { hcpcsName, missingName, noBillName, payerName, placeName, stateNames, stateTones, type Claim } from "./words";

export function StateBadge({ state }: { state: Claim["state"] }) {
  return state ? <StatusBadge tone={stateTones[state]}>{stateNames[state]}</StatusBadge> : null;
}

/** A HCPCS code with what it is called. */
export function Hcpcs({ code, name }: { code: string | undefined; name?: string | undefined }) {
  if (!code) return <span className="text-faint">—</span>;
  return (
    <span>
      <span className="font-mono text-[0.8125rem]">{code}</span>{" "}
      <span className="text-muted">{name || hcpcsName(code)}</span>
    </span>
  );
}

/** The origin and destination modifier, with its letters in words for the pointer and for screen readers. */
export function Trip({ modifier }: { modifier: string | undefined }) {
  if (!modifier) return <span className="text-faint">—</span>;
  const words = `${placeName(modifier[0])} to ${placeName(modifier[1])}`;
  return (
    <span title={words}>
      <span aria-hidden="true" className="font-mono text-[0.8125rem]">
        {modifier}
      </span>
      <span className="sr-only">{words}</span>
    </span>
  );
}

/** Who is billed first; how many others there are. */
export function FirstPayer({ of }: { of: Claim }) {
  const [first, ...others] = of.payers ?? [];
  if (!first) return <span className="text-faint">—</span>;
  return (
    <span>
      {payerName(first.claimFilingIndicator) || "Type unknown"}
      {others.length > 0 ? <span className="text-xs text-faint"> and {others.length} more</span> : null}
    </span>
  );
}

/** The first things that are missing by name, the rest by number. */
export function MissingShort({ of }: { of: Claim }) {
  const names = (of.missing ?? []).map((m) => missingName(m.code));
  if (names.length === 0) return <span className="text-faint">Nothing</span>;
  const shown = names.slice(0, 2).join(", ");
  return (
    <span title={names.join(", ")}>
      {shown}
      {names.length > 2 ? (
        <span className="text-xs whitespace-nowrap text-faint"> and {names.length - 2} more</span>
      ) : null}
    </span>
  );
}

/** Why nothing is billed, and where the chart says so. */
export function NoBillShort({ of }: { of: Claim }) {
  if (!of.noBill) return <span className="text-faint">—</span>;
  return (
    <span className="flex flex-col">
      {noBillName(of.noBill.code)}
      <span className="text-xs text-faint">{of.noBill.explanation}</span>
    </span>
  );
}

const dayMs = 86_400_000;

/** Whole days from the date of service to today in the zone. Payers' filing limits count from the date of service. */
export function daysSince(date: Claim["serviceDate"], zone: string | undefined, now = new Date()): number | undefined {
  const from = fromCalendarDate(date);
  if (!from) return undefined;
  return Math.round((Date.parse(`${isoDay(now, zone)}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / dayMs);
}

export function Age({ of }: { of: Claim }) {
  const days = daysSince(of.serviceDate, useZone());
  if (days === undefined) return <span className="text-faint">—</span>;
  return <span className="whitespace-nowrap tabular-nums">{days === 1 ? "1 day" : `${days} days`}</span>;
}
