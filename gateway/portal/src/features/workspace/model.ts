import type { ReactNode } from "react";
import type { FieldValues, UseFormReturn } from "react-hook-form";
import type { z } from "zod";
import type { Schema } from "@/api";
import type { OperationId } from "@/permissions";
import type { CalendarDate } from "@/time";
import type { Column } from "@/ui";
import type { Status } from "./words";

export type Alert = Schema<"v1Alert">;
export type ComplianceNote = Schema<"v1ComplianceNote">;
export type ComplianceNotice = Schema<"v1Notice">;
export type AuditLog = Schema<"v1ListAuditLogResponse">;
export type RetireReason = Schema<"v1RetireReason">;

/** What the records of both workspaces have in common. */
export interface Head {
  readonly id?: string;
  readonly etag?: string;
  readonly createTime?: string;
  readonly updateTime?: string;
  readonly retireTime?: string;
  readonly retireReason?: RetireReason;
  readonly lastVerifiedDate?: CalendarDate;
  readonly verificationSource?: Schema<"v1VerificationSource">;
  readonly warnings?: Schema<"v1Warning">[];
}

export interface Listing {
  readonly status?: string[];
  readonly dueFrom?: string;
  readonly dueTo?: string;
  readonly orderBy?: string;
  readonly pageSize?: number;
  readonly pageToken?: string;
}

export interface PageOf<T> {
  readonly rows: T[];
  readonly nextPageToken: string;
}

export interface LogQuery {
  readonly resource?: string;
  readonly method?: string;
  readonly outcome?: Schema<"v1Outcome">;
  readonly from?: string;
  readonly to?: string;
  readonly pageToken?: string;
}

export interface NewNote {
  readonly metadataId?: string;
  readonly text: string;
  readonly visibility: Schema<"ComplianceNoteVisibility">;
}

/** The calls of one workspace. */
export interface WorkspaceApi<R extends Head> {
  list(query: Listing, signal?: AbortSignal): Promise<PageOf<R>>;
  get(id: string, signal?: AbortSignal): Promise<R>;
  create(record: R, requestId: string): Promise<R>;
  /** Fails with ETAG_MISMATCH unless the record's etag is the current one. */
  update(id: string, record: R, fields: readonly string[]): Promise<R>;
  retire(id: string, reason: RetireReason, etag: string): Promise<R>;
  alerts(
    query: { includeResolved?: boolean; pageSize?: number; pageToken?: string },
    signal?: AbortSignal,
  ): Promise<PageOf<Alert>>;
  acknowledge(id: string): Promise<Alert>;
  snooze(id: string, untilDate: CalendarDate, reason: string): Promise<Alert>;
  notes(query: { metadataId?: string; pageToken?: string }, signal?: AbortSignal): Promise<PageOf<ComplianceNote>>;
  addNote(note: NewNote): Promise<ComplianceNote>;
  log(query: LogQuery, signal?: AbortSignal): Promise<AuditLog>;
  notice(signal?: AbortSignal): Promise<ComplianceNotice>;
  acknowledgeNotice(notice: { version: number; sha256: string }): Promise<ComplianceNotice>;
  export(): Promise<Blob>;
}

/** One field of a record as text, for its page and for telling two states of it apart. */
export interface Fact {
  readonly field: string;
  readonly label: string;
  readonly text: string;
}

/** What the form of a record is made of; the names of its values are those of the API. */
export interface RecordForm<R extends Head, V extends FieldValues> {
  readonly schema: z.ZodType<V, V>;
  readonly empty: V;
  readonly valuesOf: (record: R) => V;
  readonly recordOf: (values: V) => R;
  readonly Fields: (props: { form: UseFormReturn<V, unknown, V> }) => ReactNode;
}

/** What the two workspaces differ in. */
export interface Workspace<R extends Head = Head, V extends FieldValues = FieldValues> {
  readonly name: "dea" | "cms";
  readonly title: string;
  readonly lead: string;
  /** What a record is called, and the date that it is about. */
  readonly one: string;
  readonly many: string;
  readonly dueLabel: string;
  readonly statuses: readonly Status[];
  readonly orders: readonly { value: string; label: string }[];
  readonly status: (record: R) => Status;
  readonly due: (record: R) => CalendarDate | undefined;
  /** What a record is known by in the agency. */
  readonly nameOf: (record: R) => string;
  readonly columns: readonly Column<R>[];
  readonly facts: (record: R) => readonly Fact[];
  readonly form: RecordForm<R, V>;
  readonly api: WorkspaceApi<R>;
  readonly can: {
    readonly create: OperationId;
    readonly update: OperationId;
    readonly retire: OperationId;
    readonly alert: OperationId;
    readonly note: OperationId;
    readonly log: OperationId;
    readonly export: OperationId;
  };
  /** Pages that only this workspace has. */
  readonly tabs: readonly { readonly path: string; readonly label: string; readonly needs: OperationId }[];
}
