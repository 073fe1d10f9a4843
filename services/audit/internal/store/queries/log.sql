-- name: LockLog :exec
-- One writer at a time, until its transaction ends; readers are not kept waiting.
SELECT pg_advisory_xact_lock(@lock_key::bigint);

-- name: Head :one
SELECT * FROM audit.checkpoint ORDER BY tree_size DESC LIMIT 1;

-- name: HeadAndKnown :one
-- What an append needs to know, in one round trip: the newest checkpoint, and which of the events are in the log.
SELECT coalesce(c.tree_size, 0)::bigint AS tree_size, coalesce(c.root_hash, '')::bytea AS root_hash,
    ARRAY(SELECT e.event_id FROM audit.entry e WHERE e.event_id = ANY (@event_ids::uuid[]))::uuid[] AS known
FROM (SELECT 1) one
LEFT JOIN LATERAL (SELECT tree_size, root_hash FROM audit.checkpoint ORDER BY tree_size DESC LIMIT 1) c ON true;

-- name: InsertEntries :exec
-- COPY is not open to roles under row-level security. Arrays that are unnested in the select list are read in step; in
-- FROM each would be copied first.
INSERT INTO audit.entry (leaf_index, event_id, agency_id, stream, outcome, occurred_time, log_time, service, action,
    resource, reason, actor, actor_kind, role, executed_by, policy_version_id, request_id, detail, salt, leaf_input)
SELECT u.leaf_index, u.event_id, u.agency_id, u.stream, u.outcome, u.occurred_time, u.log_time, u.service,
    u.action, u.resource, u.reason, u.actor, u.actor_kind, u.role, u.executed_by, u.policy_version_id, u.request_id,
    nullif(u.detail, ''), nullif(u.salt, ''), u.leaf_input
FROM (SELECT
    unnest(@leaf_indexes::bigint[]) AS leaf_index,
    unnest(@event_ids::uuid[]) AS event_id,
    unnest(@agency_ids::bigint[]) AS agency_id,
    unnest(@streams::smallint[]) AS stream,
    unnest(@outcomes::smallint[]) AS outcome,
    unnest(@occurred_times::timestamptz[]) AS occurred_time,
    unnest(@log_times::timestamptz[]) AS log_time,
    unnest(@services::text[]) AS service,
    unnest(@actions::text[]) AS action,
    unnest(@resources::text[]) AS resource,
    unnest(@reasons::text[]) AS reason,
    unnest(@actors::text[]) AS actor,
    unnest(@actor_kinds::text[]) AS actor_kind,
    unnest(@roles::text[]) AS role,
    unnest(@executed_bys::text[]) AS executed_by,
    unnest(@policy_version_ids::text[]) AS policy_version_id,
    unnest(@request_ids::text[]) AS request_id,
    unnest(@details::text[]) AS detail,
    unnest(@salts::bytea[]) AS salt,
    unnest(@leaf_inputs::bytea[]) AS leaf_input
) u;

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
