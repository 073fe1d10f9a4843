import { useInfiniteQuery } from "@tanstack/react-query";
import { agenciesQuery } from "@/features/home/queries";
import { useAgencyChosen } from "@/permissions";

/** The name of an agency by id for who reads across agencies; null for who works in one. */
export function useAgencyNames(): ((id: string) => string) | null {
  const chosen = useAgencyChosen();
  const { data } = useInfiniteQuery({ ...agenciesQuery, enabled: !chosen });
  if (chosen) return null;
  const names = new Map(data?.pages.flatMap((page) => page.agencies ?? []).map((a) => [a.id, a.displayName]));
  return (id) => names.get(id) ?? `Agency ${id}`;
}
