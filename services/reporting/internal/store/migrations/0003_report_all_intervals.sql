-- +goose Up

-- Reports of all six intervals read their period from one index alone. invalid_intervals stands in it as it is, since a column
-- of its own for each interval would be six more; almost always it is empty.
CREATE INDEX call_fact_intervals ON reporting.call_fact (agency_id, unit_notified_time)
    INCLUDE (seq, superseded_seq, unit_call_sign, priority, service_type, response_mode, turnout_seconds, response_seconds,
        system_response_seconds, on_scene_seconds, transport_seconds, turnaround_seconds, invalid_intervals,
        cancelled_before_arrival, transported);
DROP INDEX reporting.call_fact_period;
ALTER TABLE reporting.call_fact DROP COLUMN response_invalid;

-- The newest facts of one chart, also for a reader of all agencies.
CREATE INDEX call_fact_current ON reporting.call_fact (chart_id) WHERE superseded_seq IS NULL;
