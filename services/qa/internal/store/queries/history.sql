-- name: CaseWithHistory :one
-- A withdrawn case too: its history says why it is gone.
SELECT sqlc.embed(c) FROM qa.review_case c WHERE c.id = $1;

-- name: ChartHistory :many
SELECT chart_id, chart_version, join_time, leave_time FROM qa.case_chart WHERE case_id = $1 ORDER BY join_time, chart_id;

-- name: JudgementHistory :many
-- What fired on each version of a chart, the newest first.
SELECT chart_id, chart_version, policy_version, create_time, supersede_time, array_agg(code ORDER BY position)::text[] AS codes
FROM qa.case_trigger WHERE case_id = $1
GROUP BY chart_id, chart_version, policy_version, create_time, supersede_time
ORDER BY create_time DESC, chart_id, chart_version DESC LIMIT @row_limit::integer;
