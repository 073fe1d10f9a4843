import { operations, roles, type Operation, type OperationId } from "@fleet/permissions";
import type { AgencyChoice } from "@/api";
import type { Me } from "./me";

export type { OperationId };

export type Verdict =
  | { readonly allowed: true }
  | {
      readonly allowed: false;
      readonly why: "scope" | "module" | "workspace" | "agency" | "reason";
      readonly detail: string;
    };

const yes: Verdict = { allowed: true };

const no = (why: Exclude<Verdict, { allowed: true }>["why"], detail = ""): Verdict => ({ allowed: false, why, detail });

const byName = new Map(roles.map((role) => [role.name, role]));

/** Whether a role of the caller may look across agencies. */
export function mayCross(me: Me): boolean {
  return (me.roles ?? []).some((name) => byName.get(name)?.crossAgency);
}

/** A scope counts only when the token holds it and a role carries it, as in the gateway's policy. */
function granted(operation: Operation, me: Me): boolean {
  const held = (me.roles ?? []).map((name) => byName.get(name)).filter((role) => role !== undefined);
  if (operation.anyAuthenticated) return held.length > 0;
  return operation.scopes.some(
    (scope) => (me.scopes ?? []).includes(scope) && held.some((role) => role.scopes.includes(scope)),
  );
}

/**
 * Compliance data sits in two workspaces whose conditions go beyond scopes; the agency service judges them. A call belongs to one
 * when nothing but its scopes permits it: who names people may do so for other reasons as well.
 */
function workspaceOf(operation: Operation): string {
  const of = (name: string) =>
    operation.scopes.length > 0 && operation.scopes.every((scope) => scope.startsWith(`${name}:`));
  return ["dea", "cms"].find(of) ?? "";
}

/**
 * What the caller may do, for showing and hiding only: the gateway and the services decide for themselves. The order is that of
 * what a person can do about it: nothing about scopes, something about an agency not chosen.
 */
export function judge(id: OperationId, me: Me, choice: AgencyChoice): Verdict {
  const operation: Operation = operations[id];
  const actor = me.actor ?? "human";
  if (!operation.actors.some((a) => a === actor)) return no("scope");
  if (!granted(operation, me)) return no("scope");
  const chosen = me.agency ?? choice.agencyId;
  if (operation.tenancy !== "platform" && !chosen) {
    if (operation.tenancy === "agency") return no("agency");
    if (!choice.reason) return no("reason");
  }
  const workspace = workspaceOf(operation);
  const state = workspace ? (me.workspaces ?? []).find((w) => w.workspace === workspace) : undefined;
  if (chosen && state && state.visible !== true) return no("workspace", state.reason ?? "");
  if (operation.module && me.agency && !(me.modules ?? []).includes(operation.module))
    return no("module", operation.module);
  return yes;
}

/** As judge, but blind for what a founder has not chosen yet: whether an entry belongs in the navigation. */
export function mayEver(id: OperationId, me: Me, choice: AgencyChoice): boolean {
  const verdict = judge(id, me, choice);
  return verdict.allowed || verdict.why === "agency" || verdict.why === "reason";
}
