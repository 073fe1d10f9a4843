import { useQuery } from "@tanstack/react-query";
import { Activity } from "lucide-react";
import { api, background, read } from "@/api";
import { Menu, classes } from "@/ui";

export const healthQuery = {
  queryKey: ["health"],
  queryFn: ({ signal }: { signal: AbortSignal }) => read(api.GET("/api/health", { signal, ...background })),
  refetchInterval: 60_000,
  retry: false,
} as const;

/** Whether the parts of the system answer; what is away says why a page may be empty. */
export function HealthIndicator() {
  const { data, error } = useQuery(healthQuery);
  const away = (data?.conditions ?? []).filter((c) => !c.ready);
  const state = error ? "unknown" : !data ? "checking" : data.ready ? "good" : "degraded";
  const words = {
    unknown: "System state unknown",
    checking: "Checking the system",
    good: "System is working",
    degraded: "Parts of the system are away",
  }[state];
  const dot = { unknown: "bg-warning", checking: "bg-control", good: "bg-success", degraded: "bg-danger" }[state];
  return (
    <Menu
      label="System state"
      trigger={
        <button
          type="button"
          aria-label={words}
          title={words}
          className="relative inline-flex size-9 items-center justify-center rounded-control text-muted hover:bg-hover hover:text-text"
        >
          <Activity aria-hidden="true" className="size-5" />
          <span
            aria-hidden="true"
            className={classes("absolute top-1.5 right-1.5 size-2 rounded-full ring-2 ring-surface", dot)}
          />
        </button>
      }
    >
      <div className="max-w-72 px-2.5 py-2">
        <p className="font-semibold">{words}</p>
        {error ? <p className="text-muted">The check did not answer. Pages may still work.</p> : null}
        {away.length > 0 ? (
          <ul className="mt-1 list-disc pl-4 text-muted">
            {away.map((c) => (
              <li key={c.name}>{c.name} does not answer</li>
            ))}
          </ul>
        ) : null}
        {state === "good" ? <p className="text-muted">All {data?.conditions?.length ?? 0} parts answer.</p> : null}
      </div>
    </Menu>
  );
}
