import { useMutation, useQueryClient, type QueryKey } from "@tanstack/react-query";

/** Something that changes what the service holds; what it makes stale is read again before it counts as done. */
export function useAct<V = void, T = unknown>(act: (values: V) => Promise<T>, stale: readonly QueryKey[]) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: act,
    // Also after a refusal: the page then showed something that was not so any more.
    onSettled: () => Promise.all(stale.map((queryKey) => client.invalidateQueries({ queryKey }))),
  });
}
