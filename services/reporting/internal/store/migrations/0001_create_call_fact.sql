-- +goose Up

-- What reports are made of: times and codes of each chart version, no identity of a person. Rows are never changed but for
-- the mark that a newer version replaced them, so that the facts as they stood at any earlier mark can be read again:
-- seq <= mark AND (superseded_seq IS NULL OR superseded_seq > mark).
--
-- seq follows the order of commits, not only of inserts: a writer holds an advisory lock until it commits. Otherwise a row
-- with a lower number could appear after a report was made at a higher mark.
CREATE TABLE reporting.call_fact (
    agency_id               bigint      NOT NULL,
    chart_id                uuid        NOT NULL,
    version                 integer     NOT NULL CHECK (version > 0),
    seq                     bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    superseded_seq          bigint      CHECK (superseded_seq > seq),
    arrive_time             timestamptz NOT NULL,
    unit_notified_time      timestamptz,
    unit_call_sign          text        NOT NULL,
    service_type            text        NOT NULL,
    response_mode           text        NOT NULL,
    priority                text        NOT NULL,
    dispatch_reason         text        NOT NULL,
    unit_disposition        text        NOT NULL,
    transport_disposition   text        NOT NULL,
    turnout_seconds         integer,
    response_seconds        integer,
    system_response_seconds integer,
    on_scene_seconds        integer,
    transport_seconds       integer,
    turnaround_seconds      integer,
    invalid_intervals       text[]      NOT NULL,
    response_invalid        boolean     NOT NULL GENERATED ALWAYS AS ('response' = ANY (invalid_intervals)) STORED,
    cancelled_before_arrival boolean    NOT NULL,
    transported             boolean     NOT NULL,
    pediatric               boolean,
    PRIMARY KEY (agency_id, chart_id, version)
);
-- A report of one agency reads its period from this index alone.
CREATE INDEX call_fact_period ON reporting.call_fact (agency_id, unit_notified_time)
    INCLUDE (seq, superseded_seq, unit_call_sign, priority, service_type, response_mode, response_seconds, response_invalid, cancelled_before_arrival);
-- The latest mark, of one agency and of all.
CREATE INDEX call_fact_arrival ON reporting.call_fact (agency_id, seq DESC);
CREATE INDEX call_fact_arrival_across ON reporting.call_fact (seq DESC);

ALTER TABLE reporting.call_fact ENABLE ROW LEVEL SECURITY;
ALTER TABLE reporting.call_fact FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON reporting.call_fact TO reporting_system, reporting_agency, reporting_founder
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY across ON reporting.call_fact FOR SELECT TO reporting_cross USING (true);

GRANT SELECT, INSERT, UPDATE (superseded_seq) ON reporting.call_fact TO reporting_system;
GRANT SELECT ON reporting.call_fact TO reporting_agency, reporting_founder, reporting_cross;
