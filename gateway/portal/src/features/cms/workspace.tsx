import { Link } from "@tanstack/react-router";
import { DueCell, StatusCell, WarningsCell } from "@/features/workspace/cells";
import { keepAgency, pathIn } from "@/features/workspace/Frame";
import type { Workspace } from "@/features/workspace/model";
import { toStatus, verificationSources, wordOf } from "@/features/workspace/words";
import { formatDate } from "@/time";
import { linkClass } from "@/ui";
import { cmsApi, type CmsEnrollment } from "./api";
import { cmsForm, participationWords, type CmsValues } from "./form";

const statusOf = (r: CmsEnrollment) => toStatus(r.enrollmentStatus);

/** "00120 Participating, from Jan 1, 2026" */
function payersText(r: CmsEnrollment): string {
  return (r.payerParticipation ?? [])
    .map((p) => {
      const status = wordOf(participationWords, p.status);
      return `${p.payerId ?? ""} ${status}, from ${formatDate(p.effectiveDate)}${p.endDate ? ` to ${formatDate(p.endDate)}` : ""}`;
    })
    .join("; ");
}

/** The CMS workspace: Medicare enrollments as references and dates. */
export const cms: Workspace<CmsEnrollment, CmsValues> = {
  name: "cms",
  title: "Medicare enrollments",
  lead: "References and dates of each enrollment, and whether the agency is ready to bill. Nothing is submitted from here.",
  one: "enrollment",
  many: "enrollments",
  dueLabel: "Revalidation due",
  statuses: ["active", "expiring", "expired", "pending", "inactive", "retired"],
  orders: [
    { value: "", label: "Revalidation, nearest first" },
    { value: "revalidationDueDate desc", label: "Revalidation, farthest first" },
    { value: "createTime desc", label: "Entered last" },
  ],
  status: statusOf,
  due: (r) => r.revalidationDueDate,
  nameOf: (r) => r.supplierName ?? "Enrollment",
  columns: [
    {
      id: "supplier",
      header: "Supplier",
      rowHeader: true,
      cell: (r) => (
        <Link to={pathIn({ name: "cms" }, `/records/${r.id ?? ""}`)} search={keepAgency} className={linkClass}>
          {r.supplierName}
        </Link>
      ),
    },
    { id: "npi", header: "NPI", cell: (r) => <span className="font-mono text-[13px]">{r.npiReference}</span> },
    {
      id: "ptan",
      header: "PTAN",
      cell: (r) => <span className="font-mono text-[13px]">{r.ptanReference || "—"}</span>,
    },
    { id: "state", header: "State", cell: (r) => r.enrollmentState, minor: true },
    { id: "mac", header: "MAC", cell: (r) => r.macIdentifier || "—", minor: true },
    {
      id: "due",
      header: "Revalidation due",
      cell: (r) => <DueCell date={r.revalidationDueDate} over={statusOf(r) === "retired"} />,
    },
    { id: "status", header: "Status", cell: (r) => <StatusCell status={statusOf(r)} /> },
    { id: "warnings", header: "To look at", cell: (r) => <WarningsCell record={r} /> },
  ],
  facts: (r) => [
    { field: "supplierName", label: "Supplier", text: r.supplierName ?? "" },
    { field: "npiReference", label: "NPI", text: r.npiReference ?? "" },
    { field: "ptanReference", label: "PTAN", text: r.ptanReference ?? "" },
    { field: "enrollmentState", label: "State", text: r.enrollmentState ?? "" },
    { field: "pecosEnrollmentId", label: "PECOS enrollment ID", text: r.pecosEnrollmentId ?? "" },
    { field: "macIdentifier", label: "MAC", text: r.macIdentifier ?? "" },
    { field: "effectiveDate", label: "Effective", text: formatDate(r.effectiveDate) },
    { field: "deactivationDate", label: "Last day", text: formatDate(r.deactivationDate) },
    { field: "revalidationDueDate", label: "Revalidation due", text: formatDate(r.revalidationDueDate) },
    { field: "payerParticipation", label: "Payers", text: payersText(r) },
    { field: "lastVerifiedDate", label: "Last looked up", text: formatDate(r.lastVerifiedDate) },
    {
      field: "verificationSource",
      label: "Looked up at",
      text: wordOf(verificationSources, r.verificationSource),
    },
  ],
  form: cmsForm,
  api: cmsApi,
  can: {
    create: "CmsService_CreateCmsMetadata",
    update: "CmsService_UpdateCmsMetadata",
    retire: "CmsService_DeleteCmsMetadata",
    alert: "CmsService_AcknowledgeCmsAlert",
    note: "CmsService_CreateCmsNote",
    log: "CmsService_ListCmsAuditLog",
    export: "CmsService_ExportCmsMetadata",
  },
  tabs: [{ path: "/readiness", label: "Readiness", needs: "CmsService_GetCmsReadiness" }],
};
