-- +goose Up

-- One review per incident and review cycle. Quality review is privileged: reviewers and the founder see it, nobody else.
CREATE TABLE qa.review_case (
    agency_id       bigint      NOT NULL CHECK (agency_id > 0),
    id              uuid        NOT NULL,
    -- What makes two charts one incident: the incident number, or the chart itself where the document has none.
    incident_key    text        NOT NULL CHECK (incident_key <> ''),
    incident_number text        NOT NULL CHECK (length(incident_number) <= 64),
    review_cycle    integer     NOT NULL CHECK (review_cycle > 0),
    chart_id        uuid        NOT NULL,
    chart_version   integer     NOT NULL CHECK (chart_version > 0),
    state           text        NOT NULL CHECK (state IN ('pending', 'under_review', 'closed')),
    priority        text        NOT NULL CHECK (priority IN ('low', 'medium', 'high')),
    trigger_class   text        NOT NULL CHECK (trigger_class IN ('mandatory', 'optional')),
    policy_key      text        NOT NULL CHECK (policy_key <> ''),
    policy_version  integer     NOT NULL CHECK (policy_version > 0),
    policy_sha256   text        NOT NULL CHECK (policy_sha256 ~ '^[0-9a-f]{64}$'),
    -- Set while nothing fires any more on an incident that nobody has begun to review. The row and its history stay.
    withdraw_time   timestamptz,
    create_time     timestamptz NOT NULL,
    update_time     timestamptz NOT NULL,
    PRIMARY KEY (agency_id, id),
    UNIQUE (agency_id, incident_key, review_cycle),
    CHECK (withdraw_time IS NULL OR state = 'pending')
);
CREATE INDEX review_case_newest ON qa.review_case (agency_id, create_time DESC, id DESC) WHERE withdraw_time IS NULL;

-- The charts that an incident's case is about.
CREATE TABLE qa.case_chart (
    agency_id     bigint      NOT NULL,
    case_id       uuid        NOT NULL,
    chart_id      uuid        NOT NULL,
    chart_version integer     NOT NULL CHECK (chart_version > 0),
    join_time     timestamptz NOT NULL,
    -- Set when the chart left the case: its newest version fires nothing, or belongs to another incident.
    leave_time    timestamptz,
    PRIMARY KEY (agency_id, case_id, chart_id),
    FOREIGN KEY (agency_id, case_id) REFERENCES qa.review_case (agency_id, id)
);
CREATE INDEX case_chart_chart ON qa.case_chart (agency_id, chart_id) WHERE leave_time IS NULL;

-- What fired, once per version of a chart. A row never changes but for being superseded by a newer version of the chart.
CREATE TABLE qa.case_trigger (
    agency_id      bigint      NOT NULL,
    case_id        uuid        NOT NULL,
    chart_id       uuid        NOT NULL,
    chart_version  integer     NOT NULL CHECK (chart_version > 0),
    code           text        NOT NULL CHECK (code <> '' AND length(code) <= 64),
    position       smallint    NOT NULL,
    trigger_class  text        NOT NULL CHECK (trigger_class IN ('mandatory', 'optional')),
    measured_value double precision,
    threshold      double precision,
    unit           text        NOT NULL,
    policy_version integer     NOT NULL CHECK (policy_version > 0),
    explanation    text        NOT NULL CHECK (explanation <> ''),
    elements       text[]      NOT NULL,
    create_time    timestamptz NOT NULL,
    supersede_time timestamptz,
    PRIMARY KEY (agency_id, case_id, chart_id, chart_version, code),
    FOREIGN KEY (agency_id, case_id, chart_id) REFERENCES qa.case_chart (agency_id, case_id, chart_id),
    CHECK ((measured_value IS NULL) = (threshold IS NULL))
);

-- The newest version of each chart that was judged, also where nothing fired: an older one that arrives late is passed over.
CREATE TABLE qa.chart_evaluation (
    agency_id      bigint      NOT NULL,
    chart_id       uuid        NOT NULL,
    chart_version  integer     NOT NULL CHECK (chart_version > 0),
    policy_version integer     NOT NULL CHECK (policy_version > 0),
    policy_sha256  text        NOT NULL,
    trigger_count  integer     NOT NULL CHECK (trigger_count >= 0),
    evaluate_time  timestamptz NOT NULL,
    PRIMARY KEY (agency_id, chart_id)
);

ALTER TABLE qa.review_case ENABLE ROW LEVEL SECURITY;
ALTER TABLE qa.review_case FORCE ROW LEVEL SECURITY;
ALTER TABLE qa.case_chart ENABLE ROW LEVEL SECURITY;
ALTER TABLE qa.case_chart FORCE ROW LEVEL SECURITY;
ALTER TABLE qa.case_trigger ENABLE ROW LEVEL SECURITY;
ALTER TABLE qa.case_trigger FORCE ROW LEVEL SECURITY;
ALTER TABLE qa.chart_evaluation ENABLE ROW LEVEL SECURITY;
ALTER TABLE qa.chart_evaluation FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON qa.review_case TO qa_founder, qa_qa, qa_system
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY tenant ON qa.case_chart TO qa_founder, qa_qa, qa_system
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY tenant ON qa.case_trigger TO qa_founder, qa_qa, qa_system
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY tenant ON qa.chart_evaluation TO qa_system
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY across ON qa.review_case FOR SELECT TO qa_cross USING (true);
CREATE POLICY across ON qa.case_chart FOR SELECT TO qa_cross USING (true);
CREATE POLICY across ON qa.case_trigger FOR SELECT TO qa_cross USING (true);

-- Reviewers move a case through its states; what opened it is written by the service alone. Nobody deletes.
GRANT SELECT ON qa.review_case, qa.case_chart, qa.case_trigger TO qa_founder, qa_qa, qa_cross, qa_system;
GRANT UPDATE (state, update_time) ON qa.review_case TO qa_founder, qa_qa;
GRANT INSERT, UPDATE ON qa.review_case TO qa_system;
GRANT INSERT, UPDATE (chart_version, join_time, leave_time) ON qa.case_chart TO qa_system;
GRANT INSERT, UPDATE (supersede_time) ON qa.case_trigger TO qa_system;
GRANT SELECT, INSERT, UPDATE ON qa.chart_evaluation TO qa_system;
