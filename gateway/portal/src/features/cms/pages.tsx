import { getRouteApi } from "@tanstack/react-router";
import { AlertsPage as Alerts } from "@/features/workspace/Alerts";
import { EditRecord, NewRecord } from "@/features/workspace/Editor";
import { LogPage as Log } from "@/features/workspace/Log";
import { NotesPage as Notes } from "@/features/workspace/Notes";
import { Overview } from "@/features/workspace/Overview";
import { RecordPage as Record } from "@/features/workspace/Record";
import { cms } from "./workspace";

const overview = getRouteApi("/cms");
const record = getRouteApi("/cms/records/$id");
const edit = getRouteApi("/cms/records/$id/edit");
const alerts = getRouteApi("/cms/alerts");
const log = getRouteApi("/cms/audit-log");

export function OverviewPage() {
  return <Overview ws={cms} search={overview.useSearch()} />;
}

export function NewPage() {
  return <NewRecord ws={cms} />;
}

export function RecordPage() {
  const { id } = record.useParams();
  return <Record key={id} ws={cms} id={id} />;
}

export function EditPage() {
  const { id } = edit.useParams();
  const { focus } = edit.useSearch();
  return <EditRecord key={id} ws={cms} id={id} {...(focus ? { focus } : {})} />;
}

export function AlertsPage() {
  return <Alerts ws={cms} resolved={alerts.useSearch().resolved === "true"} />;
}

export function NotesPage() {
  return <Notes ws={cms} />;
}

export function LogPage() {
  return <Log ws={cms} search={log.useSearch()} />;
}
