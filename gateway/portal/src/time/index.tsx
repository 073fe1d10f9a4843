import { useQueryClient, useQuery } from "@tanstack/react-query";
import { meQuery } from "@/permissions/me";
import { formatDate, formatRelative, formatTime, type CalendarDate, type TimeStyle } from "./format";

export * from "./days";
export * from "./format";

/** The zone in which times are shown: the agency's, or that of this computer for a founder who has chosen none. */
export function useZone(): string | undefined {
  const client = useQueryClient();
  const { data } = useQuery({ ...meQuery, enabled: client.getQueryData(meQuery.queryKey) !== undefined });
  return data?.agency?.timeZone || undefined;
}

/** A moment in the agency's zone, with the zone named; machine-readable for those who need it. */
export function Time({
  value,
  style,
  zone,
}: {
  value: string | undefined;
  style?: TimeStyle | "relative";
  zone?: string;
}) {
  const own = useZone();
  if (!value) return <span className="text-faint">—</span>;
  const absolute = formatTime(value, zone ?? own, style === "relative" ? "datetime" : style);
  return (
    <time dateTime={value} title={absolute} className="whitespace-nowrap tabular-nums">
      {style === "relative" ? formatRelative(value) : absolute}
    </time>
  );
}

/** A calendar date. */
export function DateText({ value }: { value: CalendarDate | undefined }) {
  return <span className="whitespace-nowrap tabular-nums">{formatDate(value)}</span>;
}
