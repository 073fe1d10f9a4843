-- name: SwitchesOf :many
SELECT module, enabled, reason, revision, update_time FROM agency.module_switch WHERE agency_id = @agency_id ORDER BY module;

-- name: NextRevision :one
UPDATE agency.registry_revision SET revision = revision + 1 RETURNING revision;

-- name: LockRevision :one
SELECT revision FROM agency.registry_revision FOR UPDATE;

-- name: Revision :one
SELECT revision FROM agency.registry_revision;

-- name: PutSwitch :exec
INSERT INTO agency.module_switch (agency_id, module, enabled, reason, revision, update_time)
VALUES (@agency_id, @module, @enabled, @reason, @revision, @update_time)
ON CONFLICT (agency_id, module) DO UPDATE
SET enabled = excluded.enabled, reason = excluded.reason, revision = excluded.revision, update_time = excluded.update_time;

-- name: DisabledModules :many
SELECT agency_id, module FROM agency.module_switch WHERE NOT enabled ORDER BY agency_id, module;
