import { getRouteApi } from "@tanstack/react-router";
import { AlertsPage as Alerts } from "@/features/workspace/Alerts";
import { EditRecord, NewRecord } from "@/features/workspace/Editor";
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
  return <Overview ws={dea} search={overview.useSearch()} />;
}

export function NewPage() {
  return <NewRecord ws={dea} />;
}

export function RecordPage() {
  const { id } = record.useParams();
  return <Record key={id} ws={dea} id={id} />;
}

export function EditPage() {
  const { id } = edit.useParams();
  const { focus } = edit.useSearch();
  return <EditRecord key={id} ws={dea} id={id} {...(focus ? { focus } : {})} />;
}

export function AlertsPage() {
  return <Alerts ws={dea} resolved={alerts.useSearch().resolved === "true"} />;
}

export function NotesPage() {
  return <Notes ws={dea} />;
}

export function LogPage() {
  return <Log ws={dea} search={log.useSearch()} />;
}
