import { getRouteApi } from "@tanstack/react-router";
import { AlertsPage as Alerts } from "@/features/workspace/Alerts";
import { EditRecord, NewRecord } from "@/features/workspace/Editor";
import { Gate } from "@/features/workspace/Gate";
import { LogPage as Log } from "@/features/workspace/Log";
import { NotesPage as Notes } from "@/features/workspace/Notes";
import { Overview } from "@/features/workspace/Overview";
import { RecordPage as Record } from "@/features/workspace/Record";
import { dea } from "./workspace";

const overview = getRouteApi("/dea");
const record = getRouteApi("/dea/records/$id");
const edit = getRouteApi("/dea/records/$id/edit");
const alerts = getRouteApi("/dea/alerts");
const log = getRouteApi("/dea/audit-log");

export function OverviewPage() {
  return (
    <Gate ws={dea}>
      <Overview ws={dea} search={overview.useSearch()} />
    </Gate>
  );
}

export function NewPage() {
  return (
    <Gate ws={dea}>
      <NewRecord ws={dea} />
    </Gate>
  );
}

export function RecordPage() {
  const { id } = record.useParams();
  return (
    <Gate ws={dea}>
      <Record key={id} ws={dea} id={id} />
    </Gate>
  );
}

export function EditPage() {
  const { id } = edit.useParams();
  const { focus } = edit.useSearch();
  return (
    <Gate ws={dea}>
      <EditRecord key={id} ws={dea} id={id} {...(focus ? { focus } : {})} />
    </Gate>
  );
}

export function AlertsPage() {
  return (
    <Gate ws={dea}>
      <Alerts ws={dea} resolved={alerts.useSearch().resolved === "true"} />
    </Gate>
  );
}

export function NotesPage() {
  return (
    <Gate ws={dea}>
      <Notes ws={dea} />
    </Gate>
  );
}

export function LogPage() {
  return (
    <Gate ws={dea}>
      <Log ws={dea} search={log.useSearch()} />
    </Gate>
  );
}
