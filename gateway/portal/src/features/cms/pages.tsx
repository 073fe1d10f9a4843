import { getRouteApi } from "@tanstack/react-router";
import { AlertsPage as Alerts } from "@/features/workspace/Alerts";
import { EditRecord, NewRecord } from "@/features/workspace/Editor";
import { Gate } from "@/features/workspace/Gate";
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
  return (
    <Gate ws={cms}>
      <Overview ws={cms} search={overview.useSearch()} />
    </Gate>
  );
}

export function NewPage() {
  return (
    <Gate ws={cms}>
      <NewRecord ws={cms} />
    </Gate>
  );
}

export function RecordPage() {
  const { id } = record.useParams();
  return (
    <Gate ws={cms}>
      <Record key={id} ws={cms} id={id} />
    </Gate>
  );
}

export function EditPage() {
  const { id } = edit.useParams();
  const { focus } = edit.useSearch();
  return (
    <Gate ws={cms}>
      <EditRecord key={id} ws={cms} id={id} {...(focus ? { focus } : {})} />
    </Gate>
  );
}

export function AlertsPage() {
  return (
    <Gate ws={cms}>
      <Alerts ws={cms} resolved={alerts.useSearch().resolved === "true"} />
    </Gate>
  );
}

export function NotesPage() {
  return (
    <Gate ws={cms}>
      <Notes ws={cms} />
    </Gate>
  );
}

export function LogPage() {
  return (
    <Gate ws={cms}>
      <Log ws={cms} search={log.useSearch()} />
    </Gate>
  );
}
