import { useQuery } from "@tanstack/react-query";
import { caseFigures, openAlerts, type Alert, type CaseSummary } from "@/features/home/figures";
import { alertsQuery, caseSummaryQuery } from "@/features/home/queries";
import { alertKinds, daysLeft, inDays } from "@/features/workspace/words";
import { useCan, useMe } from "@/permissions";
import { formatNumber, formatRelative } from "@/time";
import type { Tone } from "@/ui";

/** Something that waits for the caller, with the place where it is done. */
export interface Notification {
  readonly key: string;
  readonly title: string;
  readonly note: string;
  readonly tone: Tone;
  readonly mark: string;
  readonly to: string;
  readonly search?: Readonly<Record<string, string>>;
  /** When it came up. */
  readonly since: string;
}

/** High-priority cases that nobody has begun, as one line: a queue is worked in its order, not case by case from a bell. */
export function fromCases(summary: CaseSummary | undefined): Notification[] {
  if (!summary) return [];
  const { high } = caseFigures(summary);
  if (high === 0) return [];
  const oldest = (summary.counts ?? []).find(
    (c) => c.state === "STATE_PENDING" && c.priority === "PRIORITY_HIGH",
  )?.oldestCreateTime;
  return [
    {
      key: "cases",
      title: high === 1 ? "1 high-priority QA case waits" : `${formatNumber(high)} high-priority QA cases wait`,
      note: oldest ? `oldest opened ${formatRelative(oldest)}` : "",
      tone: "danger",
      mark: "High priority",
      to: "/qa/cases",
      search: { priority: "high" },
      since: oldest ?? "",
    },
  ];
}

export function fromAlerts(workspace: "dea" | "cms", alerts: readonly Alert[] | undefined): Notification[] {
  return openAlerts(alerts)
    .map((alert) => ({ alert, left: daysLeft(alert.dueDate) ?? 0 }))
    .toSorted((a, b) => a.left - b.left)
    .map(({ alert, left }) => ({
      key: `${workspace} ${alert.id ?? ""}`,
      title: alert.kind ? alertKinds[alert.kind] : "Alert",
      note: `${workspace.toUpperCase()} record, due ${inDays(left)}`,
      tone: left < 0 ? ("danger" as const) : ("warning" as const),
      mark: left < 0 ? "Overdue" : "Open",
      to: `/${workspace}/alerts`,
      since: alert.createTime ?? "",
    }));
}

/** All that waits; counts are read again each minute in the background, alerts more rarely, because reading them is recorded. */
export function useNotifications(): Notification[] {
  const chosen = useMe().agency !== undefined;
  const may = {
    cases: useCan("CaseService_ListCases"),
    dea: useCan("DeaService_ListDeaAlerts") && chosen,
    cms: useCan("CmsService_ListCmsAlerts") && chosen,
  };
  const cases = useQuery({ ...caseSummaryQuery(), enabled: may.cases });
  const dea = useQuery({ ...alertsQuery("dea"), enabled: may.dea });
  const cms = useQuery({ ...alertsQuery("cms"), enabled: may.cms });
  // A page may have counted what the caller may not open: a notification leads somewhere.
  return [
    ...(may.cases ? fromCases(cases.data) : []),
    ...(may.dea ? fromAlerts("dea", dea.data?.alerts) : []),
    ...(may.cms ? fromAlerts("cms", cms.data?.alerts) : []),
  ];
}
