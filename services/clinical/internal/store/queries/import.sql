-- name: MayImport :one
-- Refused by the database for a group that may not hand charts in.
SELECT clinical.may_import()::boolean;

-- name: NewestKey :one
SELECT version, wrapped FROM clinical.agency_key WHERE agency_id = @agency_id ORDER BY version DESC LIMIT 1;

-- name: KeyOf :one
SELECT wrapped FROM clinical.agency_key WHERE agency_id = @agency_id AND version = @version;

-- name: AddKey :exec
INSERT INTO clinical.agency_key (agency_id, version, wrapped, create_time)
VALUES (@agency_id, @version, @wrapped, @create_time)
ON CONFLICT (agency_id, version) DO NOTHING;

-- name: PutChart :one
-- One statement decides between new, changed and unchanged, under the lock of the row: no row comes back for a report
-- that is stored as it is. The values are given again and not read from excluded: that would take the right to read them.
INSERT INTO clinical.chart AS c (agency_id, id, nemsis_agency_number, pcr_number, version, content_hash, report_uuid,
    nemsis_version, incident_number, unit_call_sign, unit_notified_time, import_time)
VALUES (@agency_id, @id, @nemsis_agency_number, @pcr_number, 1, @content_hash, @report_uuid,
    @nemsis_version, @incident_number, @unit_call_sign, sqlc.narg('unit_notified_time'), @import_time)
ON CONFLICT ON CONSTRAINT chart_pcr_key DO UPDATE
SET version = c.version + 1, content_hash = @content_hash, report_uuid = @report_uuid,
    nemsis_version = @nemsis_version, incident_number = @incident_number,
    unit_call_sign = @unit_call_sign, unit_notified_time = sqlc.narg('unit_notified_time'),
    import_time = @import_time
WHERE c.content_hash <> @content_hash
RETURNING c.id, c.version,
    -- The row as it was before this statement.
    coalesce((SELECT b.report_uuid FROM clinical.chart b WHERE b.agency_id = c.agency_id AND b.id = c.id), '')::text AS previous_uuid;

-- name: ChartByKey :one
SELECT id, version, import_time FROM clinical.chart
WHERE agency_id = @agency_id AND pcr_number = @pcr_number AND nemsis_agency_number = @nemsis_agency_number;

-- name: AddDocument :exec
INSERT INTO clinical.document (agency_id, id, report_count, layout, key_version, sealed, import_time)
VALUES (@agency_id, @id, @report_count, sqlc.narg('layout'), @key_version, @sealed, @import_time);

-- name: AddVersion :exec
INSERT INTO clinical.chart_version (agency_id, chart_id, version, document_id, report_index, content_hash, nemsis_version,
    incident_number, findings, key_version, sealed_facts, import_time)
VALUES (@agency_id, @chart_id, @version, @document_id, @report_index, @content_hash, @nemsis_version,
    @incident_number, @findings, @key_version, @sealed_facts, @import_time);

-- name: AddCrew :exec
INSERT INTO clinical.chart_crew (agency_id, chart_id, version, crew_id)
SELECT @agency_id, @chart_id, @version, unnest(@crew_ids::text[])
ON CONFLICT DO NOTHING;
