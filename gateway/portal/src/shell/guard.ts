import type { AgencyChoice } from "@/api";
import { judge, type Me, type OperationId, type Verdict } from "@/permissions";

/** Whether a page can be shown: the first of its operations that cannot be called says why not. */
export function judgePage(needs: readonly OperationId[], me: Me, choice: AgencyChoice): Verdict {
  for (const id of needs) {
    const verdict = judge(id, me, choice);
    if (!verdict.allowed) return verdict;
  }
  return { allowed: true };
}
