-- The agency stands in the query beside row-level security, so that the planner reaches one partition; 0 is the founder across
-- agencies. The status is the rule of internal/dea in SQL; a test holds the two together.

-- name: ListDeaByDue :many
-- The nearest date first; what has no date comes last.
SELECT sqlc.embed(r) FROM compliance.dea_registrant_metadata r
WHERE (r.agency_id = @agency_id::bigint OR @agency_id::bigint = 0)
  AND coalesce(r.expiration_date, 'infinity') BETWEEN coalesce(sqlc.narg(due_from)::date, '-infinity') AND coalesce(sqlc.narg(due_to)::date, 'infinity')
  AND CASE WHEN r.retire_time IS NOT NULL THEN 'retired'
           WHEN r.issue_date IS NULL OR r.expiration_date IS NULL OR r.issue_date > @today::date THEN 'pending'
           WHEN r.expiration_date < @today::date THEN 'expired'
           WHEN r.expiration_date <= @expiring_until::date THEN 'expiring'
           ELSE 'active' END = ANY (@statuses::text[])
  AND (sqlc.narg(after_id)::uuid IS NULL
    OR (coalesce(r.expiration_date, 'infinity'), r.id) > (coalesce(sqlc.narg(after_date)::date, 'infinity'), sqlc.narg(after_id)::uuid))
ORDER BY coalesce(r.expiration_date, 'infinity'), r.id LIMIT @row_limit::integer;

-- name: ListDeaByDueDesc :many
SELECT sqlc.embed(r) FROM compliance.dea_registrant_metadata r
WHERE (r.agency_id = @agency_id::bigint OR @agency_id::bigint = 0)
  AND coalesce(r.expiration_date, 'infinity') BETWEEN coalesce(sqlc.narg(due_from)::date, '-infinity') AND coalesce(sqlc.narg(due_to)::date, 'infinity')
  AND CASE WHEN r.retire_time IS NOT NULL THEN 'retired'
           WHEN r.issue_date IS NULL OR r.expiration_date IS NULL OR r.issue_date > @today::date THEN 'pending'
           WHEN r.expiration_date < @today::date THEN 'expired'
           WHEN r.expiration_date <= @expiring_until::date THEN 'expiring'
           ELSE 'active' END = ANY (@statuses::text[])
  AND (sqlc.narg(after_id)::uuid IS NULL
    OR (coalesce(r.expiration_date, 'infinity'), r.id) < (coalesce(sqlc.narg(after_date)::date, 'infinity'), sqlc.narg(after_id)::uuid))
ORDER BY coalesce(r.expiration_date, 'infinity') DESC, r.id DESC LIMIT @row_limit::integer;

-- name: ListDeaNewest :many
-- Ids are UUIDv7: their order is that of creation.
SELECT sqlc.embed(r) FROM compliance.dea_registrant_metadata r
WHERE (r.agency_id = @agency_id::bigint OR @agency_id::bigint = 0)
  AND coalesce(r.expiration_date, 'infinity') BETWEEN coalesce(sqlc.narg(due_from)::date, '-infinity') AND coalesce(sqlc.narg(due_to)::date, 'infinity')
  AND CASE WHEN r.retire_time IS NOT NULL THEN 'retired'
           WHEN r.issue_date IS NULL OR r.expiration_date IS NULL OR r.issue_date > @today::date THEN 'pending'
           WHEN r.expiration_date < @today::date THEN 'expired'
           WHEN r.expiration_date <= @expiring_until::date THEN 'expiring'
           ELSE 'active' END = ANY (@statuses::text[])
  AND (sqlc.narg(after_id)::uuid IS NULL OR r.id < sqlc.narg(after_id)::uuid)
ORDER BY r.id DESC LIMIT @row_limit::integer;

-- name: GetDea :one
SELECT * FROM compliance.dea_registrant_metadata WHERE agency_id = @agency_id AND id = @id;

-- name: GetDeaByRequest :one
SELECT * FROM compliance.dea_registrant_metadata WHERE agency_id = @agency_id AND request_id = @request_id;

-- name: RetireDea :execrows
UPDATE compliance.dea_registrant_metadata SET retire_time = @at::timestamptz, retire_reason = @reason, update_time = @at::timestamptz, revision = revision + 1
WHERE agency_id = @agency_id AND id = @id AND revision = @revision AND retire_time IS NULL;

-- name: InsertDea :exec
INSERT INTO compliance.dea_registrant_metadata (agency_id, id, registrant_name, dea_registration_number, authorized_schedules, business_activity, registered_state, stationhouse, issue_date, expiration_date, renewal_due_date, last_verified_date, verification_source, request_id, request_digest, create_time, update_time)
VALUES (@agency_id, @id, @registrant_name, @dea_registration_number, @authorized_schedules, @business_activity, sqlc.narg(registered_state), @stationhouse, sqlc.narg(issue_date), sqlc.narg(expiration_date), sqlc.narg(renewal_due_date), sqlc.narg(last_verified_date), @verification_source, sqlc.narg(request_id), sqlc.narg(request_digest), @create_time, @update_time);

-- name: UpdateDea :execrows
UPDATE compliance.dea_registrant_metadata SET registrant_name = @registrant_name, dea_registration_number = @dea_registration_number, authorized_schedules = @authorized_schedules, business_activity = @business_activity, registered_state = sqlc.narg(registered_state), stationhouse = @stationhouse, issue_date = sqlc.narg(issue_date), expiration_date = sqlc.narg(expiration_date), renewal_due_date = sqlc.narg(renewal_due_date), last_verified_date = sqlc.narg(last_verified_date), verification_source = @verification_source, update_time = @update_time, revision = revision + 1
WHERE agency_id = @agency_id AND id = @id AND revision = @revision AND retire_time IS NULL;
