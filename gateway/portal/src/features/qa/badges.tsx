import { StatusBadge } from "@/ui";
import { isMandatory, priorityNames, priorityTones, stateNames, stateTones, type Case, type Trigger } from "./words";

export function StateBadge({ state }: { state: Case["state"] }) {
  return state ? <StatusBadge tone={stateTones[state]}>{stateNames[state]}</StatusBadge> : null;
}

export function PriorityBadge({ priority }: { priority: Case["priority"] }) {
  return priority ? <StatusBadge tone={priorityTones[priority]}>{priorityNames[priority]}</StatusBadge> : null;
}

/** Mandatory and optional are set apart by a filled and an empty mark, not by colour. */
export function ClassMark({ of }: { of: { triggerClass?: Trigger["triggerClass"] } }) {
  const mandatory = isMandatory(of);
  return (
    <span className="inline-flex items-center gap-1.5 text-xs whitespace-nowrap text-muted">
      <span aria-hidden="true" className={mandatory ? "size-2 bg-current" : "size-2 border border-current"} />
      {mandatory ? "Mandatory" : "Optional"}
    </span>
  );
}
