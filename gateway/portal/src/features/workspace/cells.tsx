import { DateText, type CalendarDate } from "@/time";
import { StatusBadge } from "@/ui";
import type { Head } from "./model";
import { daysLeft, inDays, statusWords, type Status } from "./words";

export function StatusCell({ status }: { status: Status }) {
  const { label, tone } = statusWords[status];
  return <StatusBadge tone={tone}>{label}</StatusBadge>;
}

/** A date and how far it is. */
export function DueCell({ date, over = false }: { date: CalendarDate | undefined; over?: boolean }) {
  const left = daysLeft(date);
  return (
    <span className="whitespace-nowrap">
      <DateText value={date} />
      {left === undefined || over ? null : <span className="block text-xs text-faint">{inDays(left)}</span>}
    </span>
  );
}

/** How many things a person should look at; what they are stands on the record's page. */
export function WarningsCell({ record }: { record: Head }) {
  const count = record.retireTime ? 0 : (record.warnings?.length ?? 0);
  if (count === 0) return <span className="text-faint">—</span>;
  return <StatusBadge tone="warning">{count}</StatusBadge>;
}
