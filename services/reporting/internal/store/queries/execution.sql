-- name: InsertExecution :exec
INSERT INTO reporting.execution (agency_id, id, template, period_from, period_to, group_by, data_as_of, watermark, definition,
    definition_sha256, result, result_sha256, catalogue_version, executed_by, access_reason, create_time, duration_ms)
VALUES (@agency_id, @id, @template, @period_from, @period_to, @group_by, @data_as_of, @watermark, @definition,
    @definition_sha256, @result, @result_sha256, @catalogue_version, @executed_by, @access_reason, @create_time, @duration_ms);

-- name: InsertCrossExecution :exec
INSERT INTO reporting.cross_execution (id, template, period_from, period_to, group_by, data_as_of, watermark, definition,
    definition_sha256, result, result_sha256, catalogue_version, executed_by, access_reason, create_time, duration_ms)
VALUES (@id, @template, @period_from, @period_to, @group_by, @data_as_of, @watermark, @definition,
    @definition_sha256, @result, @result_sha256, @catalogue_version, @executed_by, @access_reason, @create_time, @duration_ms);

-- name: ListExecutions :many
SELECT agency_id, id, template, period_from, period_to, group_by, data_as_of, watermark, definition, definition_sha256, result,
    result_sha256, catalogue_version, executed_by, access_reason, create_time, duration_ms
FROM reporting.execution
WHERE (sqlc.narg('id')::uuid IS NULL OR id = sqlc.narg('id')::uuid)
  AND (sqlc.narg('template')::text IS NULL OR template = sqlc.narg('template')::text)
  AND (sqlc.narg('before')::uuid IS NULL OR id < sqlc.narg('before')::uuid)
ORDER BY id DESC
LIMIT @rows;

-- name: ListExecutionsAcross :many
SELECT e.agency_id::bigint AS agency_id, e.id, e.template, e.period_from, e.period_to, e.group_by, e.data_as_of, e.watermark,
    e.definition, e.definition_sha256, e.result, e.result_sha256, e.catalogue_version, e.executed_by, e.access_reason, e.create_time, e.duration_ms
FROM (
    SELECT agency_id, id, template, period_from, period_to, group_by, data_as_of, watermark, definition, definition_sha256,
        result, result_sha256, catalogue_version, executed_by, access_reason, create_time, duration_ms
    FROM reporting.execution
    UNION ALL
    SELECT 0, id, template, period_from, period_to, group_by, data_as_of, watermark, definition, definition_sha256,
        result, result_sha256, catalogue_version, executed_by, access_reason, create_time, duration_ms
    FROM reporting.cross_execution
) e
WHERE (sqlc.narg('id')::uuid IS NULL OR e.id = sqlc.narg('id')::uuid)
  AND (sqlc.narg('template')::text IS NULL OR e.template = sqlc.narg('template')::text)
  AND (sqlc.narg('before')::uuid IS NULL OR e.id < sqlc.narg('before')::uuid)
ORDER BY e.id DESC
LIMIT @rows;
