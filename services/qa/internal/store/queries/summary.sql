-- These two run for administrators too, who may read the named columns and no other.

-- name: CountCases :many
SELECT state, urgency, count(*)::integer AS cases, min(create_time)::timestamptz AS oldest_create_time FROM qa.review_case
WHERE withdraw_time IS NULL AND state <> 'closed'
GROUP BY state, urgency ORDER BY state, urgency;

-- name: CountPendingByTrigger :many
-- A rule that fires on two charts of an incident is one case.
SELECT t.code, count(DISTINCT (c.agency_id, c.id))::integer AS cases FROM qa.review_case c
JOIN qa.case_trigger t ON t.agency_id = c.agency_id AND t.case_id = c.id
WHERE c.withdraw_time IS NULL AND c.state = 'pending' AND t.supersede_time IS NULL
GROUP BY t.code ORDER BY cases DESC, t.code LIMIT @row_limit::integer;
