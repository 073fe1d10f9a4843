-- name: PutQAContext :exec
-- An event that is older than what is stored changes nothing: a case that was withdrawn stays so when its opening is
-- delivered late.
INSERT INTO clinical.qa_context AS q (agency_id, chart_id, case_id, open, event_time)
VALUES (@agency_id, @chart_id, @case_id, @open, @event_time)
ON CONFLICT (agency_id, chart_id, case_id) DO UPDATE
SET open = excluded.open, event_time = excluded.event_time
WHERE q.event_time <= excluded.event_time;
