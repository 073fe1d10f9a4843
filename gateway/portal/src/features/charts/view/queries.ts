import { queryOptions } from "@tanstack/react-query";
import { api, read } from "@/api";
import { triggerPolicyOf } from "./intervals";

/** Cases that the chart is on: the triggers with what was measured and the limit it was held against. */
export const casesOfChart = (chartId: string) =>
  queryOptions({
    queryKey: ["qa", "cases", "of-chart", chartId],
    queryFn: ({ signal }) => read(api.GET("/api/qa/cases", { params: { query: { chartId } }, signal })),
  });

const key = "qa.triggers";

/** The policy in force, as far as limits of intervals go; for those who may read governance. */
export const limitsInForce = queryOptions({
  queryKey: ["governance", key, "limits"],
  queryFn: async ({ signal }) => {
    const { policies } = await read(api.GET("/api/governance/policies", { signal }));
    const version = policies?.find((p) => p.key === key)?.activeVersion;
    if (!version) return null;
    const { document } = await read(
      api.GET("/api/governance/policies/{key}/versions/{version}", { params: { path: { key, version } }, signal }),
    );
    return triggerPolicyOf(version, document);
  },
  staleTime: 5 * 60_000,
});
