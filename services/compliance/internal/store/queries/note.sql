-- name: InsertNote :exec
INSERT INTO compliance.compliance_note (agency_id, id, workspace, metadata_id, text, visibility, author, author_role, create_time)
VALUES (@agency_id, @id, @workspace, sqlc.narg(metadata_id), @text, @visibility, @author, @author_role, @create_time);

-- name: ListNotes :many
SELECT * FROM compliance.compliance_note
WHERE agency_id = @agency_id AND workspace = @workspace
  AND (sqlc.narg(metadata_id)::uuid IS NULL OR metadata_id = sqlc.narg(metadata_id)::uuid)
  AND (sqlc.narg(after_id)::uuid IS NULL OR id < sqlc.narg(after_id)::uuid)
ORDER BY id DESC LIMIT @row_limit::integer;
