-- name: AdvanceEvaluation :execrows
-- Takes the chart's row, which keeps other events of the chart waiting; nothing when a newer version was judged already.
INSERT INTO qa.chart_evaluation AS e (agency_id, chart_id, chart_version, policy_version, policy_sha256, trigger_count, evaluate_time)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (agency_id, chart_id) DO UPDATE SET chart_version = excluded.chart_version,
    policy_version = excluded.policy_version, policy_sha256 = excluded.policy_sha256,
    trigger_count = excluded.trigger_count, evaluate_time = excluded.evaluate_time
WHERE e.chart_version < excluded.chart_version;

-- name: LockIncident :exec
-- Charts of one incident are judged one after the other, also before its case exists.
SELECT pg_advisory_xact_lock(hashtextextended(@incident_key::text, @agency_id::bigint));

-- name: CaseOfChart :one
-- The case that the chart is on, the latest one if a closed case has been followed by another.
SELECT sqlc.embed(c) FROM qa.review_case c
JOIN qa.case_chart x ON x.agency_id = c.agency_id AND x.case_id = c.id
WHERE x.chart_id = $1 AND x.leave_time IS NULL
ORDER BY c.review_cycle DESC, c.create_time DESC LIMIT 1;

-- name: LockCaseOfChart :one
SELECT sqlc.embed(c) FROM qa.review_case c
JOIN qa.case_chart x ON x.agency_id = c.agency_id AND x.case_id = c.id
WHERE x.chart_id = $1 AND x.leave_time IS NULL
ORDER BY c.review_cycle DESC, c.create_time DESC LIMIT 1
FOR UPDATE OF c;

-- name: LockLatestCaseOfIncident :one
SELECT sqlc.embed(c) FROM qa.review_case c WHERE c.incident_key = $1 ORDER BY c.review_cycle DESC LIMIT 1 FOR UPDATE;

-- name: SaveCase :exec
INSERT INTO qa.review_case (agency_id, id, incident_key, incident_number, review_cycle, chart_id, chart_version, state, priority,
    trigger_class, policy_key, policy_version, policy_sha256, withdraw_time, create_time, update_time)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
ON CONFLICT (agency_id, id) DO UPDATE SET chart_id = excluded.chart_id, chart_version = excluded.chart_version,
    priority = excluded.priority, trigger_class = excluded.trigger_class, policy_key = excluded.policy_key,
    policy_version = excluded.policy_version, policy_sha256 = excluded.policy_sha256,
    withdraw_time = excluded.withdraw_time, update_time = excluded.update_time;

-- name: JoinChart :exec
INSERT INTO qa.case_chart AS x (agency_id, case_id, chart_id, chart_version, join_time)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (agency_id, case_id, chart_id) DO UPDATE SET chart_version = excluded.chart_version,
    join_time = CASE WHEN x.leave_time IS NULL THEN x.join_time ELSE excluded.join_time END, leave_time = NULL;

-- name: LeaveChart :exec
UPDATE qa.case_chart SET leave_time = @leave_time::timestamptz, chart_version = @chart_version
WHERE case_id = @case_id AND chart_id = @chart_id AND leave_time IS NULL;

-- name: SupersedeTriggers :exec
UPDATE qa.case_trigger SET supersede_time = @supersede_time::timestamptz
WHERE case_id = @case_id AND chart_id = @chart_id AND supersede_time IS NULL;

-- name: InsertTrigger :exec
INSERT INTO qa.case_trigger (agency_id, case_id, chart_id, chart_version, code, position, trigger_class, measured_value,
    threshold, unit, policy_version, explanation, elements, create_time)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14);
