import { createStore, useStore } from "./store";

/**
 * For which agency a founder calls. The id comes from the URL (`?agency=`), so that links carry it; the reason for reading
 * across agencies may quote protected data, so it lives in memory only and is asked for again after a reload.
 */
export interface AgencyChoice {
  readonly agencyId: string | null;
  readonly reason: string | null;
}

export const agencyChoice = createStore<AgencyChoice>({ agencyId: null, reason: null });

export function chooseAgency(agencyId: string | null): void {
  const now = agencyChoice.get();
  if (now.agencyId !== agencyId) agencyChoice.set({ agencyId, reason: agencyId === null ? now.reason : null });
}

export function crossAgencies(reason: string | null): void {
  agencyChoice.set({ agencyId: null, reason });
}

export function useAgencyChoice(): AgencyChoice {
  return useStore(agencyChoice);
}
