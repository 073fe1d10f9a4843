-- name: LockPolicy :exec
SELECT pg_advisory_xact_lock(@lock_key::integer, hashtext(@key::text));

-- name: LatestVersion :one
SELECT coalesce(max(version), 0)::integer FROM audit.policy_version WHERE key = @key;

-- name: InsertPolicyVersion :exec
INSERT INTO audit.policy_version (key, version, document, sha256, comment, author, create_time)
VALUES (@key, @version, @document, @sha256, @comment, @author, @create_time);

-- name: InsertActivation :exec
INSERT INTO audit.policy_activation (key, version, activated_by, activate_time)
VALUES (@key, @version, @activated_by, @activate_time);

-- name: ActiveVersion :one
SELECT coalesce((SELECT version FROM audit.policy_activation WHERE key = @key ORDER BY seq DESC LIMIT 1), 0)::integer AS version;

-- name: PolicyVersion :one
SELECT v.*,
    coalesce((SELECT a.activate_time FROM audit.policy_activation a WHERE a.key = v.key AND a.version = v.version
        ORDER BY a.seq DESC LIMIT 1), 'epoch')::timestamptz AS activate_time,
    coalesce((SELECT a.version FROM audit.policy_activation a WHERE a.key = v.key ORDER BY a.seq DESC LIMIT 1) = v.version, false)::boolean AS active
FROM audit.policy_version v WHERE v.key = @key AND v.version = @version;

-- name: PolicyVersions :many
SELECT v.*,
    coalesce((SELECT a.activate_time FROM audit.policy_activation a WHERE a.key = v.key AND a.version = v.version
        ORDER BY a.seq DESC LIMIT 1), 'epoch')::timestamptz AS activate_time,
    coalesce((SELECT a.version FROM audit.policy_activation a WHERE a.key = v.key ORDER BY a.seq DESC LIMIT 1) = v.version, false)::boolean AS active
FROM audit.policy_version v WHERE v.key = @key AND v.version < @before ORDER BY v.version DESC LIMIT @row_limit;

-- name: PolicyHeads :many
SELECT v.key, max(v.version)::integer AS latest,
    coalesce((SELECT a.version FROM audit.policy_activation a WHERE a.key = v.key ORDER BY a.seq DESC LIMIT 1), 0)::integer AS active
FROM audit.policy_version v GROUP BY v.key ORDER BY v.key;
