-- Row-level security decides which rows there are; agency_id is a column here because a founder may read across agencies.

-- name: ListCharts :many
SELECT c.agency_id, c.id, c.pcr_number, c.incident_number, c.nemsis_version, c.version, c.import_time,
    c.unit_call_sign, c.unit_notified_time, v.findings
FROM clinical.chart c
JOIN clinical.chart_version v ON v.agency_id = c.agency_id AND v.chart_id = c.id AND v.version = c.version
WHERE (sqlc.narg('pcr_number')::text IS NULL OR c.pcr_number = sqlc.narg('pcr_number'))
  AND (sqlc.narg('incident_number')::text IS NULL OR c.incident_number = sqlc.narg('incident_number'))
  AND (sqlc.narg('notified_from')::timestamptz IS NULL OR c.unit_notified_time >= sqlc.narg('notified_from'))
  AND (sqlc.narg('notified_to')::timestamptz IS NULL OR c.unit_notified_time < sqlc.narg('notified_to'))
  AND (sqlc.narg('after_time')::timestamptz IS NULL
    OR (c.import_time, c.id) < (sqlc.narg('after_time')::timestamptz, sqlc.narg('after_id')::uuid))
ORDER BY c.import_time DESC, c.id DESC
LIMIT @row_limit;

-- name: SearchCharts :many
-- A beginning is a range of the folded columns. A chart without a notification comes last.
SELECT c.agency_id, c.id, c.pcr_number, c.incident_number, c.nemsis_version, c.version, c.import_time,
    c.unit_call_sign, c.unit_notified_time, v.findings
FROM clinical.chart c
JOIN clinical.chart_version v ON v.agency_id = c.agency_id AND v.chart_id = c.id AND v.version = c.version
WHERE (c.pcr_number_key BETWEEN @lowest AND @highest
    OR c.incident_number_key BETWEEN @lowest AND @highest
    OR c.unit_call_sign_key BETWEEN @lowest AND @highest)
  AND (sqlc.narg('after_time')::timestamptz IS NULL
    OR (coalesce(c.unit_notified_time, to_timestamp(0)), c.id) < (sqlc.narg('after_time')::timestamptz, sqlc.narg('after_id')::uuid))
ORDER BY coalesce(c.unit_notified_time, to_timestamp(0)) DESC, c.id DESC
LIMIT @row_limit;

-- name: CountCharts :many
-- bounds are the beginnings of the days and the end of the last one; day counts from 1.
SELECT width_bucket(c.import_time, @bounds::timestamptz[])::integer AS day, count(*)::integer AS charts,
    (count(*) FILTER (WHERE v.finding_count > 0))::integer AS with_findings
FROM clinical.chart c
JOIN clinical.chart_version v ON v.agency_id = c.agency_id AND v.chart_id = c.id AND v.version = c.version
WHERE c.import_time >= @from_time AND c.import_time < @to_time
GROUP BY 1;

-- name: LastImport :one
-- Not max(): it answers a row of NULL, this one none, and both end at the first row of the index.
SELECT c.import_time FROM clinical.chart c ORDER BY c.import_time DESC, c.id DESC LIMIT 1;

-- name: GetChart :one
SELECT c.agency_id, c.id, c.pcr_number, c.incident_number, c.nemsis_version, c.version, c.import_time,
    c.unit_call_sign, c.unit_notified_time, v.findings, v.key_version, v.sealed_facts, k.wrapped
FROM clinical.chart c
JOIN clinical.chart_version v ON v.agency_id = c.agency_id AND v.chart_id = c.id AND v.version = c.version
JOIN clinical.agency_key k ON k.agency_id = v.agency_id AND k.version = v.key_version
WHERE c.id = @id;

-- name: GetDocument :one
-- visible counts how many of the document's reports the reader may see.
SELECT v.agency_id, v.version, v.report_index, d.id AS document_id, d.report_count, d.layout, d.key_version, d.sealed, k.wrapped,
    (SELECT count(DISTINCT o.report_index) FROM clinical.chart_version o
        WHERE o.agency_id = d.agency_id AND o.document_id = d.id)::integer AS visible
FROM clinical.chart c
JOIN clinical.chart_version v ON v.agency_id = c.agency_id AND v.chart_id = c.id
    AND v.version = CASE WHEN @version::integer = 0 THEN c.version ELSE @version::integer END
JOIN clinical.document d ON d.agency_id = v.agency_id AND d.id = v.document_id
JOIN clinical.agency_key k ON k.agency_id = d.agency_id AND k.version = d.key_version
WHERE c.id = @id;

-- name: GetFacts :one
SELECT v.agency_id, v.incident_number, v.key_version, v.sealed_facts, k.wrapped
FROM clinical.chart_version v
JOIN clinical.agency_key k ON k.agency_id = v.agency_id AND k.version = v.key_version
WHERE v.chart_id = @chart_id AND v.version = @version;
