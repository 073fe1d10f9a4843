import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { api, ask } from "../../api/client.ts";
import { clock, dayKey, dayName } from "../../time.ts";
import { Select } from "../../ui/form.tsx";
import { Empty, Loaded } from "../../ui/states.tsx";

const week = 7 * 24 * 3600 * 1000;

/** The free times of a provider in the next seven days, one day at a time, in the zone of whoever chooses. */
export function Slots({ providerId, chosen, choose }: { providerId: string; chosen: string | undefined; choose: (start: string) => void }) {
  const [day, setDay] = useState<string>();
  const query = useQuery({
    queryKey: ["slots", providerId],
    queryFn: ({ signal }) => {
      const from = Date.now();
      const between = { startTime: new Date(from).toISOString(), endTime: new Date(from + week).toISOString() };
      return ask(() => api.GET("/api/telehealth/v1/providers/{providerId}/slots", { params: { path: { providerId }, query: between }, signal }));
    },
    refetchInterval: 30_000,
  });
  return (
    <Loaded query={query}>
      {(data) => {
        const starts = (data.slots ?? []).flatMap((s) => (s.startTime ? [s.startTime] : []));
        const days = new Map(starts.map((s) => [dayKey(s), dayName(s)]));
        const shown = day !== undefined && days.has(day) ? day : [...days.keys()][0];
        if (shown === undefined) return <Empty>Nothing is free in the next seven days.</Empty>;
        return (
          <div className="stack">
            <Select label="Day" options={[...days]} value={shown} onChange={(e) => setDay(e.target.value)} />
            <div className="slots" role="group" aria-label={`Free times on ${days.get(shown) ?? ""}`}>
              {starts
                .filter((s) => dayKey(s) === shown)
                .map((s) => (
                  <button key={s} type="button" className="button small" aria-pressed={chosen === s} onClick={() => choose(s)}>
                    {clock(s)}
                  </button>
                ))}
            </div>
          </div>
        );
      }}
    </Loaded>
  );
}
