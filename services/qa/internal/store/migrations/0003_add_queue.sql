-- +goose Up

-- What the queue is sorted and searched by. Row-level security lets only leakproof conditions reach an index: a comparison of
-- columns is one, lower(…) and LIKE are not.
ALTER TABLE qa.review_case
    ADD COLUMN urgency smallint NOT NULL GENERATED ALWAYS AS (CASE priority WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END) STORED,
    ADD COLUMN incident_search text COLLATE "C" NOT NULL GENERATED ALWAYS AS (lower(incident_number)) STORED;

-- Most urgent first, in it the oldest: in one state, in all of them, and for the founder, who has no agency to begin with.
CREATE INDEX review_case_queue ON qa.review_case (agency_id, state, urgency, create_time, id) WHERE withdraw_time IS NULL;
CREATE INDEX review_case_urgent ON qa.review_case (agency_id, urgency, create_time, id) WHERE withdraw_time IS NULL;
CREATE INDEX review_case_urgent_across ON qa.review_case (urgency, create_time, id) WHERE withdraw_time IS NULL;
CREATE INDEX review_case_newest_across ON qa.review_case (create_time DESC, id DESC) WHERE withdraw_time IS NULL;
CREATE INDEX review_case_incident ON qa.review_case (agency_id, incident_search) WHERE withdraw_time IS NULL;

-- Administrators count what waits. No column that tells of a case is theirs: no incident, no chart, no value, no explanation.
CREATE POLICY tally ON qa.review_case FOR SELECT TO qa_agency
    USING (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY tally ON qa.case_trigger FOR SELECT TO qa_agency
    USING (agency_id = current_setting('app.current_agency')::bigint);
GRANT SELECT (agency_id, id, state, urgency, create_time, withdraw_time) ON qa.review_case TO qa_agency;
GRANT SELECT (agency_id, case_id, code, supersede_time) ON qa.case_trigger TO qa_agency;
