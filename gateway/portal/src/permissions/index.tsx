import type { ReactNode } from "react";
import { useAgencyChoice } from "@/api";
import { judge, mayCross, type OperationId, type Verdict } from "./can";
import { useMe } from "./me";

export { judge, mayCross, mayEver, type OperationId, type Verdict } from "./can";
export { meQuery, useMe, type Me } from "./me";

/** Whether the caller may do this now, and if not, why. */
export function useVerdict(id: OperationId): Verdict {
  return judge(id, useMe(), useAgencyChoice());
}

/** Whether the caller may do this now: `useCan("ClaimService_ListClaims")`. */
export function useCan(id: OperationId): boolean {
  return useVerdict(id).allowed;
}

/** Shows its children to those who may. */
export function Can({ do: id, otherwise, children }: { do: OperationId; otherwise?: ReactNode; children: ReactNode }) {
  return useCan(id) ? children : (otherwise ?? null);
}

/** Whether the caller works on one agency at the moment: everyone but a founder who has chosen none. */
export function useAgencyChosen(): boolean {
  return useMe().agency !== undefined;
}

/** Whether the caller may choose among agencies. */
export function useMayCross(): boolean {
  return mayCross(useMe());
}
