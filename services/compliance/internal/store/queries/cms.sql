-- The agency stands in the query beside row-level security, so that the planner reaches one partition; 0 is the founder across
-- agencies. The status is the rule of internal/cms in SQL; a test holds the two together.

-- name: ListCmsByDue :many
-- The nearest date first; what has no date comes last.
SELECT sqlc.embed(r) FROM compliance.cms_enrollment_metadata r
WHERE (r.agency_id = @agency_id::bigint OR @agency_id::bigint = 0)
  AND coalesce(r.revalidation_due_date, 'infinity') BETWEEN coalesce(sqlc.narg(due_from)::date, '-infinity') AND coalesce(sqlc.narg(due_to)::date, 'infinity')
  AND CASE WHEN r.retire_time IS NOT NULL THEN 'retired'
           WHEN r.deactivation_date < @today::date THEN 'inactive'
           WHEN r.effective_date IS NULL OR r.effective_date > @today::date THEN 'pending'
           WHEN r.revalidation_due_date < @today::date THEN 'expired'
           WHEN r.revalidation_due_date <= @expiring_until::date THEN 'expiring'
           ELSE 'active' END = ANY (@statuses::text[])
  AND (sqlc.narg(after_id)::uuid IS NULL
    OR (coalesce(r.revalidation_due_date, 'infinity'), r.id) > (coalesce(sqlc.narg(after_date)::date, 'infinity'), sqlc.narg(after_id)::uuid))
ORDER BY coalesce(r.revalidation_due_date, 'infinity'), r.id LIMIT @row_limit::integer;

-- name: ListCmsByDueDesc :many
SELECT sqlc.embed(r) FROM compliance.cms_enrollment_metadata r
WHERE (r.agency_id = @agency_id::bigint OR @agency_id::bigint = 0)
  AND coalesce(r.revalidation_due_date, 'infinity') BETWEEN coalesce(sqlc.narg(due_from)::date, '-infinity') AND coalesce(sqlc.narg(due_to)::date, 'infinity')
  AND CASE WHEN r.retire_time IS NOT NULL THEN 'retired'
           WHEN r.deactivation_date < @today::date THEN 'inactive'
           WHEN r.effective_date IS NULL OR r.effective_date > @today::date THEN 'pending'
           WHEN r.revalidation_due_date < @today::date THEN 'expired'
           WHEN r.revalidation_due_date <= @expiring_until::date THEN 'expiring'
           ELSE 'active' END = ANY (@statuses::text[])
  AND (sqlc.narg(after_id)::uuid IS NULL
    OR (coalesce(r.revalidation_due_date, 'infinity'), r.id) < (coalesce(sqlc.narg(after_date)::date, 'infinity'), sqlc.narg(after_id)::uuid))
ORDER BY coalesce(r.revalidation_due_date, 'infinity') DESC, r.id DESC LIMIT @row_limit::integer;

-- name: ListCmsNewest :many
-- Ids are UUIDv7: their order is that of creation.
SELECT sqlc.embed(r) FROM compliance.cms_enrollment_metadata r
WHERE (r.agency_id = @agency_id::bigint OR @agency_id::bigint = 0)
  AND coalesce(r.revalidation_due_date, 'infinity') BETWEEN coalesce(sqlc.narg(due_from)::date, '-infinity') AND coalesce(sqlc.narg(due_to)::date, 'infinity')
  AND CASE WHEN r.retire_time IS NOT NULL THEN 'retired'
           WHEN r.deactivation_date < @today::date THEN 'inactive'
           WHEN r.effective_date IS NULL OR r.effective_date > @today::date THEN 'pending'
           WHEN r.revalidation_due_date < @today::date THEN 'expired'
           WHEN r.revalidation_due_date <= @expiring_until::date THEN 'expiring'
           ELSE 'active' END = ANY (@statuses::text[])
  AND (sqlc.narg(after_id)::uuid IS NULL OR r.id < sqlc.narg(after_id)::uuid)
ORDER BY r.id DESC LIMIT @row_limit::integer;

-- name: GetCms :one
SELECT * FROM compliance.cms_enrollment_metadata WHERE agency_id = @agency_id AND id = @id;

-- name: GetCmsByRequest :one
SELECT * FROM compliance.cms_enrollment_metadata WHERE agency_id = @agency_id AND request_id = @request_id;

-- name: RetireCms :execrows
UPDATE compliance.cms_enrollment_metadata SET retire_time = @at::timestamptz, retire_reason = @reason, update_time = @at::timestamptz, revision = revision + 1
WHERE agency_id = @agency_id AND id = @id AND revision = @revision AND retire_time IS NULL;

-- name: InsertCms :exec
INSERT INTO compliance.cms_enrollment_metadata (agency_id, id, supplier_name, npi_reference, ptan_reference, enrollment_state, pecos_enrollment_id, mac_identifier, effective_date, deactivation_date, revalidation_due_date, payer_participation, last_verified_date, verification_source, request_id, request_digest, create_time, update_time)
VALUES (@agency_id, @id, @supplier_name, @npi_reference, @ptan_reference, @enrollment_state, @pecos_enrollment_id, @mac_identifier, sqlc.narg(effective_date), sqlc.narg(deactivation_date), sqlc.narg(revalidation_due_date), @payer_participation, sqlc.narg(last_verified_date), @verification_source, sqlc.narg(request_id), sqlc.narg(request_digest), @create_time, @update_time);

-- name: UpdateCms :execrows
UPDATE compliance.cms_enrollment_metadata SET supplier_name = @supplier_name, npi_reference = @npi_reference, ptan_reference = @ptan_reference, enrollment_state = @enrollment_state, pecos_enrollment_id = @pecos_enrollment_id, mac_identifier = @mac_identifier, effective_date = sqlc.narg(effective_date), deactivation_date = sqlc.narg(deactivation_date), revalidation_due_date = sqlc.narg(revalidation_due_date), payer_participation = @payer_participation, last_verified_date = sqlc.narg(last_verified_date), verification_source = @verification_source, update_time = @update_time, revision = revision + 1
WHERE agency_id = @agency_id AND id = @id AND revision = @revision AND retire_time IS NULL;
