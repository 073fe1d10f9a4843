-- name: ListDeaDates :many
SELECT id, expiration_date, last_verified_date FROM compliance.dea_registrant_metadata
WHERE agency_id = @agency_id AND retire_time IS NULL;

-- name: ListCmsDates :many
SELECT id, revalidation_due_date, deactivation_date, last_verified_date FROM compliance.cms_enrollment_metadata
WHERE agency_id = @agency_id AND retire_time IS NULL;

-- name: RaiseAlert :many
-- One row for each cycle. A nearer threshold raises the alert again, a snooze lasts to its day, and running the same day again
-- changes nothing: what is not returned was not raised.
INSERT INTO compliance.alert AS a (agency_id, id, workspace, metadata_id, kind, due_date, threshold_days, state, create_time, update_time)
VALUES (@agency_id, @id, @workspace, @metadata_id, @kind, @due_date, @threshold_days, 1, @at, @at)
ON CONFLICT (agency_id, metadata_id, kind, due_date) DO UPDATE
SET threshold_days = excluded.threshold_days, update_time = excluded.update_time,
    state = CASE WHEN a.state = 3 THEN 3 ELSE 1 END
WHERE a.threshold_days > excluded.threshold_days OR a.state = 4
RETURNING a.id;

-- name: WakeAlerts :exec
-- A snooze is over on the day after its last.
UPDATE compliance.alert SET state = 1, update_time = @at
WHERE agency_id = @agency_id AND state = 3 AND snooze_until < @today::date;

-- name: ResolveAlerts :many
-- Resolves what no date stands behind any more: the record moved on or was retired. A cycle that stands is "id kind date".
UPDATE compliance.alert a SET state = 4, update_time = @at
WHERE a.agency_id = @agency_id AND a.workspace = @workspace AND a.state <> 4
  AND (sqlc.narg(metadata_id)::uuid IS NULL OR a.metadata_id = sqlc.narg(metadata_id)::uuid)
  AND a.metadata_id::text || ' ' || a.kind || ' ' || a.due_date <> ALL (@standing::text[])
RETURNING a.id, a.metadata_id, a.kind;

-- name: ListAlerts :many
SELECT * FROM compliance.alert
WHERE agency_id = @agency_id AND workspace = @workspace AND (state <> 4 OR @include_resolved::boolean)
  AND (sqlc.narg(after_id)::uuid IS NULL OR (due_date, id) > (sqlc.narg(after_date)::date, sqlc.narg(after_id)::uuid))
ORDER BY due_date, id LIMIT @row_limit::integer;

-- name: GetAlert :one
SELECT * FROM compliance.alert WHERE agency_id = @agency_id AND workspace = @workspace AND id = @id;

-- name: AcknowledgeAlert :execrows
UPDATE compliance.alert SET state = 2, snooze_until = NULL, snooze_reason = '', actor = @actor, update_time = @at
WHERE agency_id = @agency_id AND id = @id AND state IN (1, 3);

-- name: SnoozeAlert :execrows
UPDATE compliance.alert SET state = 3, snooze_until = @until::date, snooze_reason = @reason, actor = @actor, update_time = @at
WHERE agency_id = @agency_id AND id = @id AND state IN (1, 2, 3);
