import { QueryClient, type QueryKey } from "@tanstack/react-query";
import { background } from "./client";
import { ApiProblem } from "./problem";

const tries = 3;

/** Reads are tried again when the answer may come a moment later; what the gateway refused stays refused. */
export function shouldRetry(failures: number, error: unknown): boolean {
  return failures < tries && error instanceof ApiProblem && error.transient;
}

export function retryDelay(failures: number, error: unknown): number {
  const asked = error instanceof ApiProblem ? error.retryAfter * 1000 : 0;
  return Math.max(asked, Math.min(500 * 2 ** failures, 8000));
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        retry: shouldRetry,
        retryDelay,
        staleTime: 15_000,
        gcTime: 5 * 60_000,
        refetchOnWindowFocus: false,
        // A broken connection is said by the banner; a call that waits for it silently says nothing.
        networkMode: "always",
      },
      mutations: { retry: false, networkMode: "always" },
    },
  });
}

/**
 * Options of a mutation that shows its effect at once and takes it back when the server refuses:
 * `useMutation({ mutationFn, ...optimistic(client, key, (old, input) => new) })`.
 */
export function optimistic<TData, TInput>(
  client: QueryClient,
  queryKey: QueryKey,
  apply: (old: TData, input: TInput) => TData,
) {
  return {
    async onMutate(input: TInput) {
      await client.cancelQueries({ queryKey });
      const before = client.getQueriesData<TData>({ queryKey });
      client.setQueriesData<TData>({ queryKey }, (old) => (old === undefined ? old : apply(old, input)));
      return { before };
    },
    onError(_error: unknown, _input: TInput, context: { before: [QueryKey, TData | undefined][] } | undefined) {
      for (const [key, data] of context?.before ?? []) client.setQueryData(key, data);
    },
    async onSettled() {
      await client.invalidateQueries({ queryKey });
    },
  };
}

/**
 * Options of a call that is polled. Only the first reading is the person's: one that repeats it, whatever came of it, was asked for by
 * nobody and must keep no session alive.
 */
export function unasked({ client, queryKey }: { client: QueryClient; queryKey: QueryKey }): Partial<typeof background> {
  const state = client.getQueryState(queryKey);
  return state && state.dataUpdateCount + state.errorUpdateCount > 0 ? background : {};
}

/** The next page of a list, for infiniteQueryOptions. */
export const nextPage = {
  initialPageParam: "",
  getNextPageParam: (last: { nextPageToken?: string }) => last.nextPageToken || undefined,
} as const;
