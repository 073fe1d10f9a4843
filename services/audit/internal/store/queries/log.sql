-- name: LockLog :exec
-- One writer at a time, until its transaction ends; readers are not kept waiting.
SELECT pg_advisory_xact_lock(@lock_key::bigint);

-- name: Head :one
SELECT * FROM audit.checkpoint ORDER BY tree_size DESC LIMIT 1;

-- name: KnownEvents :many
SELECT event_id FROM audit.entry WHERE event_id = ANY (@event_ids::uuid[]);

-- name: InsertEntries :exec
INSERT INTO audit.entry (leaf_index, event_id, agency_id, stream, outcome, occurred_time, log_time, service, action,
    resource, reason, actor, actor_kind, role, executed_by, policy_version_id, request_id, detail, salt, leaf_input)
SELECT u.leaf_index, u.event_id, u.agency_id, u.stream, u.outcome, u.occurred_time, u.log_time, u.service,
    u.action, u.resource, u.reason, u.actor, u.actor_kind, u.role, u.executed_by, u.policy_version_id, u.request_id,
    nullif(u.detail, ''), nullif(u.salt, ''), u.leaf_input
FROM ROWS FROM (
    unnest(@leaf_indexes::bigint[]), unnest(@event_ids::uuid[]), unnest(@agency_ids::bigint[]), unnest(@streams::smallint[]), unnest(@outcomes::smallint[]),
    unnest(@occurred_times::timestamptz[]), unnest(@log_times::timestamptz[]), unnest(@services::text[]),
    unnest(@actions::text[]), unnest(@resources::text[]), unnest(@reasons::text[]), unnest(@actors::text[]),
    unnest(@actor_kinds::text[]), unnest(@roles::text[]), unnest(@executed_bys::text[]),
    unnest(@policy_version_ids::text[]), unnest(@request_ids::text[]), unnest(@details::text[]),
    unnest(@salts::bytea[]), unnest(@leaf_inputs::bytea[])
) AS u (leaf_index, event_id, agency_id, stream, outcome, occurred_time, log_time, service, action, resource, reason,
    actor, actor_kind, role, executed_by, policy_version_id, request_id, detail, salt, leaf_input);

-- name: InsertNodes :exec
INSERT INTO audit.node (level, first_index, hashes)
SELECT u.level, u.first_index, u.hashes
FROM ROWS FROM (unnest(@levels::smallint[]), unnest(@first_indexes::bigint[]), unnest(@hashes::bytea[])) AS u (level, first_index, hashes);

-- name: InsertCheckpoint :exec
INSERT INTO audit.checkpoint (tree_size, root_hash, note, create_time)
VALUES (@tree_size, @root_hash, @note, @create_time);

-- name: Nodes :many
-- One descent of the primary key for each node wanted, and 32 bytes out of the run that holds it.
SELECT coalesce(substring(r.hashes FROM ((w.index - r.first_index) * 32 + 1)::integer FOR 32), '')::bytea AS hash
FROM ROWS FROM (unnest(@levels::smallint[]), unnest(@indexes::bigint[])) WITH ORDINALITY AS w (level, index, i)
LEFT JOIN LATERAL (
    SELECT n.first_index, n.hashes FROM audit.node n
    WHERE n.level = w.level AND n.first_index <= w.index ORDER BY n.first_index DESC LIMIT 1
) r ON true
ORDER BY w.i;
