import { Link } from "@tanstack/react-router";
import { DueCell, StatusCell, WarningsCell } from "@/features/workspace/cells";
import { keepAgency, pathIn } from "@/features/workspace/Frame";
import type { Workspace } from "@/features/workspace/model";
import { toStatus, verificationSources, wordOf } from "@/features/workspace/words";
import { formatDate } from "@/time";
import { linkClass } from "@/ui";
import { deaApi, type DeaRegistration } from "./api";
import { activities, deaForm, type DeaValues } from "./form";

const statusOf = (r: DeaRegistration) => toStatus(r.registrationStatus);

/** The DEA workspace: registrations as references and dates. */
export const dea: Workspace<DeaRegistration, DeaValues> = {
  name: "dea",
  title: "DEA registrations",
  lead: "References and dates of each registration, so that none runs out unseen. Nothing is filed from here.",
  one: "registration",
  many: "registrations",
  dueLabel: "Expires",
  statuses: ["active", "expiring", "expired", "pending", "retired"],
  orders: [
    { value: "", label: "Expiry, nearest first" },
    { value: "expirationDate desc", label: "Expiry, farthest first" },
    { value: "createTime desc", label: "Entered last" },
  ],
  status: statusOf,
  due: (r) => r.expirationDate,
  nameOf: (r) => r.registrantName ?? "Registration",
  columns: [
    {
      id: "registrant",
      header: "Registrant",
      rowHeader: true,
      cell: (r) => (
        <Link to={pathIn({ name: "dea" }, `/records/${r.id ?? ""}`)} search={keepAgency} className={linkClass}>
          {r.registrantName}
        </Link>
      ),
    },
    {
      id: "number",
      header: "DEA number",
      cell: (r) => <span className="font-mono text-[13px]">{r.deaRegistrationNumber}</span>,
    },
    { id: "schedules", header: "Schedules", cell: (r) => (r.authorizedSchedules ?? []).join(", ") },
    { id: "state", header: "State", cell: (r) => r.registeredState, minor: true },
    { id: "stationhouse", header: "Stationhouse", cell: (r) => r.stationhouse || "—", minor: true },
    {
      id: "expires",
      header: "Expires",
      cell: (r) => <DueCell date={r.expirationDate} over={statusOf(r) === "retired"} />,
    },
    { id: "status", header: "Status", cell: (r) => <StatusCell status={statusOf(r)} /> },
    { id: "warnings", header: "To look at", cell: (r) => <WarningsCell record={r} /> },
  ],
  facts: (r) => [
    { field: "registrantName", label: "Registrant", text: r.registrantName ?? "" },
    { field: "deaRegistrationNumber", label: "DEA number", text: r.deaRegistrationNumber ?? "" },
    { field: "authorizedSchedules", label: "Schedules", text: (r.authorizedSchedules ?? []).join(", ") },
    {
      field: "businessActivity",
      label: "Business activity",
      text: wordOf(activities, r.businessActivity),
    },
    { field: "registeredState", label: "State", text: r.registeredState ?? "" },
    { field: "stationhouse", label: "Stationhouse", text: r.stationhouse ?? "" },
    { field: "issueDate", label: "Issued", text: formatDate(r.issueDate) },
    { field: "expirationDate", label: "Expires", text: formatDate(r.expirationDate) },
    { field: "renewalDueDate", label: "Renewal to be filed by", text: formatDate(r.renewalDueDate) },
    { field: "lastVerifiedDate", label: "Last looked up", text: formatDate(r.lastVerifiedDate) },
    {
      field: "verificationSource",
      label: "Looked up at",
      text: wordOf(verificationSources, r.verificationSource),
    },
  ],
  form: deaForm,
  api: deaApi,
  can: {
    create: "DeaService_CreateDeaMetadata",
    update: "DeaService_UpdateDeaMetadata",
    retire: "DeaService_DeleteDeaMetadata",
    alert: "DeaService_AcknowledgeDeaAlert",
    note: "DeaService_CreateDeaNote",
    log: "DeaService_ListDeaAuditLog",
    export: "DeaService_ExportDeaMetadata",
  },
  tabs: [{ path: "/access", label: "Administrators", needs: "DeaService_ListDeaGrants" }],
};
