-- name: GetAcknowledgement :one
SELECT * FROM compliance.notice_acknowledgement
WHERE subject = current_setting('app.current_subject') AND workspace = @workspace AND version = @version;

-- name: InsertAcknowledgement :exec
INSERT INTO compliance.notice_acknowledgement (subject, workspace, version, sha256, acknowledge_time)
VALUES (current_setting('app.current_subject'), @workspace, @version, @sha256, @at) ON CONFLICT DO NOTHING;

-- name: AccessFacts :one
-- What the conditions of an administrator are made of. A module without a row is on.
SELECT
    coalesce((SELECT f.enabled FROM compliance.dea_access f WHERE f.agency_id = @agency_id), false)::boolean AS dea_enabled,
    EXISTS (SELECT FROM compliance.dea_grant g WHERE g.agency_id = @agency_id AND g.subject = @subject
            AND g.revoke_time IS NULL AND g.expire_time > now())::boolean AS dea_granted,
    (coalesce((SELECT m.enabled FROM compliance.module_state m WHERE m.agency_id = @agency_id AND m.module = 'billing'), true))::boolean AS billing_on;

-- name: GetDeaAccess :one
SELECT * FROM compliance.dea_access WHERE agency_id = @agency_id;

-- name: PutDeaAccess :exec
INSERT INTO compliance.dea_access (agency_id, enabled, update_time) VALUES (@agency_id, @enabled, @at)
ON CONFLICT (agency_id) DO UPDATE SET enabled = excluded.enabled, update_time = excluded.update_time;

-- name: InsertGrant :exec
INSERT INTO compliance.dea_grant (agency_id, id, subject, reason, grantor, create_time, expire_time)
VALUES (@agency_id, @id, @subject, @reason, @grantor, @create_time, @expire_time);

-- name: GetGrant :one
SELECT * FROM compliance.dea_grant WHERE agency_id = @agency_id AND id = @id;

-- name: RevokeGrant :execrows
UPDATE compliance.dea_grant SET revoke_time = @at::timestamptz WHERE agency_id = @agency_id AND id = @id AND revoke_time IS NULL;

-- name: ListGrants :many
SELECT * FROM compliance.dea_grant
WHERE agency_id = @agency_id AND (sqlc.narg(after_id)::uuid IS NULL OR id < sqlc.narg(after_id)::uuid)
ORDER BY id DESC LIMIT @row_limit::integer;

-- name: JoinAgency :exec
INSERT INTO compliance.agency (agency_id) VALUES (@agency_id) ON CONFLICT DO NOTHING;

-- name: ListAgencies :many
SELECT agency_id FROM compliance.agency ORDER BY agency_id;

-- name: EnsurePartitions :exec
SELECT compliance.ensure_partitions();
