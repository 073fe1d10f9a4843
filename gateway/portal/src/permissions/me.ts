import { queryOptions, useSuspenseQuery } from "@tanstack/react-query";
import { api, read, unasked, type Schema } from "@/api";

export type Me = Schema<"v1Me">;

/** Who is signed in, for the agency of the moment. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal, ...query }) => read(api.GET("/api/me", { signal, ...unasked(query) })),
  staleTime: 60_000,
});

/** The caller; only below the shell, which waits for it. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}
