-- name: CaseByID :one
SELECT sqlc.embed(c) FROM qa.review_case c WHERE c.id = $1 AND c.withdraw_time IS NULL;

-- name: ListCases :many
SELECT sqlc.embed(c) FROM qa.review_case c
WHERE c.withdraw_time IS NULL
  AND (sqlc.narg(state)::text IS NULL OR c.state = sqlc.narg(state))
  AND (sqlc.narg(priority)::text IS NULL OR c.priority = sqlc.narg(priority))
  AND (sqlc.narg(trigger_code)::text IS NULL OR EXISTS (SELECT FROM qa.case_trigger t
       WHERE t.agency_id = c.agency_id AND t.case_id = c.id AND t.code = sqlc.narg(trigger_code) AND t.supersede_time IS NULL))
  AND (sqlc.narg(before_time)::timestamptz IS NULL OR (c.create_time, c.id) < (sqlc.narg(before_time), sqlc.narg(before_id)::uuid))
ORDER BY c.create_time DESC, c.id DESC LIMIT @row_limit::integer;

-- name: ListCasesOldest :many
SELECT sqlc.embed(c) FROM qa.review_case c
WHERE c.withdraw_time IS NULL
  AND (sqlc.narg(state)::text IS NULL OR c.state = sqlc.narg(state))
  AND (sqlc.narg(priority)::text IS NULL OR c.priority = sqlc.narg(priority))
  AND (sqlc.narg(trigger_code)::text IS NULL OR EXISTS (SELECT FROM qa.case_trigger t
       WHERE t.agency_id = c.agency_id AND t.case_id = c.id AND t.code = sqlc.narg(trigger_code) AND t.supersede_time IS NULL))
  AND (sqlc.narg(after_time)::timestamptz IS NULL OR (c.create_time, c.id) > (sqlc.narg(after_time), sqlc.narg(after_id)::uuid))
ORDER BY c.create_time, c.id LIMIT @row_limit::integer;

-- name: ListCasesUrgent :many
SELECT sqlc.embed(c) FROM qa.review_case c
WHERE c.withdraw_time IS NULL
  AND (sqlc.narg(priority)::text IS NULL OR c.priority = sqlc.narg(priority))
  AND (sqlc.narg(trigger_code)::text IS NULL OR EXISTS (SELECT FROM qa.case_trigger t
       WHERE t.agency_id = c.agency_id AND t.case_id = c.id AND t.code = sqlc.narg(trigger_code) AND t.supersede_time IS NULL))
  AND (sqlc.narg(after_urgency)::smallint IS NULL OR
       (c.urgency, c.create_time, c.id) > (sqlc.narg(after_urgency), sqlc.narg(after_time)::timestamptz, sqlc.narg(after_id)::uuid))
ORDER BY c.urgency, c.create_time, c.id LIMIT @row_limit::integer;

-- name: ListCasesUrgentInState :many
-- Beside ListCasesUrgent, so that what is closed is not passed on the way to what waits, whatever plan the server keeps.
SELECT sqlc.embed(c) FROM qa.review_case c
WHERE c.withdraw_time IS NULL AND c.state = @state::text
  AND (sqlc.narg(priority)::text IS NULL OR c.priority = sqlc.narg(priority))
  AND (sqlc.narg(trigger_code)::text IS NULL OR EXISTS (SELECT FROM qa.case_trigger t
       WHERE t.agency_id = c.agency_id AND t.case_id = c.id AND t.code = sqlc.narg(trigger_code) AND t.supersede_time IS NULL))
  AND (sqlc.narg(after_urgency)::smallint IS NULL OR
       (c.urgency, c.create_time, c.id) > (sqlc.narg(after_urgency), sqlc.narg(after_time)::timestamptz, sqlc.narg(after_id)::uuid))
ORDER BY c.urgency, c.create_time, c.id LIMIT @row_limit::integer;

-- name: SearchCases :many
-- What begins with the text: in the order of bytes, nothing that begins with it is above it and the highest character.
SELECT sqlc.embed(c) FROM qa.review_case c
WHERE c.withdraw_time IS NULL
  AND c.incident_search >= lower(@query::text) AND c.incident_search < lower(@query::text) || chr(1114111)
  AND (sqlc.narg(after_urgency)::smallint IS NULL OR
       (c.urgency, c.create_time, c.id) > (sqlc.narg(after_urgency), sqlc.narg(after_time)::timestamptz, sqlc.narg(after_id)::uuid))
ORDER BY c.urgency, c.create_time, c.id LIMIT @row_limit::integer;

-- name: ListCasesOfChart :many
-- Beside the other lists, so that it starts from the chart's few rows whatever plan the server keeps. A chart is on one case
-- for each review cycle: they are put in order and cut into pages where they are read.
SELECT sqlc.embed(c) FROM qa.case_chart x
JOIN qa.review_case c ON c.agency_id = x.agency_id AND c.id = x.case_id
WHERE x.chart_id = @chart_id AND x.leave_time IS NULL AND c.withdraw_time IS NULL
  AND (sqlc.narg(state)::text IS NULL OR c.state = sqlc.narg(state))
  AND (sqlc.narg(priority)::text IS NULL OR c.priority = sqlc.narg(priority))
  AND (sqlc.narg(trigger_code)::text IS NULL OR EXISTS (SELECT FROM qa.case_trigger t
       WHERE t.agency_id = c.agency_id AND t.case_id = c.id AND t.code = sqlc.narg(trigger_code) AND t.supersede_time IS NULL));

-- name: ChartsOfCases :many
SELECT case_id, chart_id, chart_version FROM qa.case_chart
WHERE case_id = ANY(@case_ids::uuid[]) AND leave_time IS NULL ORDER BY case_id, join_time, chart_id;

-- name: TriggersOfCases :many
SELECT sqlc.embed(t) FROM qa.case_trigger t
JOIN qa.case_chart x ON x.agency_id = t.agency_id AND x.case_id = t.case_id AND x.chart_id = t.chart_id
WHERE t.case_id = ANY(@case_ids::uuid[]) AND t.supersede_time IS NULL
ORDER BY t.case_id, x.join_time, t.chart_id, t.position;
