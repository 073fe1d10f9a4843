import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { Schema } from "@/api";
import { useCan } from "@/permissions";
import { linkClass } from "@/ui";

/** Leads to a chart, for those who may read it; for everyone else the same words. */
export function ChartLink({ id, children }: { id: string; children: ReactNode }) {
  if (!useCan("ChartService_GetChart")) return children;
  return (
    <Link to="/charts/$chartId" params={{ chartId: id }} className={linkClass}>
      {children}
    </Link>
  );
}

/** The version of the policy that something was judged under, with a link for those who may read policies. */
export function PolicyVersion({ of }: { of: Schema<"v1PolicyVersionRef"> | undefined }) {
  const may = useCan("PolicyService_ListPolicyVersions");
  if (!of?.key) return <span className="text-faint">—</span>;
  const text = `${of.key}, version ${of.version ?? 0}`;
  if (!may) return text;
  return (
    <Link to="/governance/$key" params={{ key: of.key }} search={{ new: of.version }} className={linkClass}>
      {text}
    </Link>
  );
}
