-- name: ListDeaRegistrants :many
-- Soonest expiry first; what has no date yet comes last.
SELECT sqlc.embed(r) FROM compliance.dea_registrant_metadata r
WHERE sqlc.narg(after_id)::uuid IS NULL
   OR (coalesce(r.expiration_date, 'infinity'), r.id) > (coalesce(sqlc.narg(after_date)::date, 'infinity'), sqlc.narg(after_id)::uuid)
ORDER BY coalesce(r.expiration_date, 'infinity'), r.id LIMIT @row_limit::integer;
