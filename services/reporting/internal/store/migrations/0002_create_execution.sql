-- +goose Up

-- Runs of reports with their answers, as text in canonical JSON (RFC 8785): the very bytes that were hashed. Append only:
-- nobody has UPDATE or DELETE.
CREATE TABLE reporting.execution (
    agency_id         bigint      NOT NULL,
    id                uuid        NOT NULL,
    template          text        NOT NULL,
    period_from       timestamptz NOT NULL,
    period_to         timestamptz NOT NULL,
    group_by          text        NOT NULL,
    data_as_of        timestamptz NOT NULL,
    watermark         bigint      NOT NULL CHECK (watermark >= 0),
    definition        text        NOT NULL,
    definition_sha256 text        NOT NULL CHECK (definition_sha256 ~ '^[0-9a-f]{64}$'),
    result            text        NOT NULL,
    result_sha256     text        NOT NULL CHECK (result_sha256 ~ '^[0-9a-f]{64}$'),
    catalogue_version text        NOT NULL,
    executed_by       text        NOT NULL CHECK (executed_by <> ''),
    access_reason     text        NOT NULL,
    create_time       timestamptz NOT NULL,
    duration_ms       integer     NOT NULL CHECK (duration_ms >= 0),
    PRIMARY KEY (agency_id, id),
    CHECK (period_from < period_to)
);
ALTER TABLE reporting.execution ENABLE ROW LEVEL SECURITY;
ALTER TABLE reporting.execution FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON reporting.execution TO reporting_agency, reporting_founder
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY across ON reporting.execution FOR SELECT TO reporting_cross USING (true);
GRANT SELECT, INSERT ON reporting.execution TO reporting_agency, reporting_founder;
GRANT SELECT ON reporting.execution TO reporting_cross;

-- Runs over all agencies. They belong to the platform: the founder writes them outside of any agency, since a transaction
-- across agencies only reads, and reads them again only across agencies, with a reason.
CREATE TABLE reporting.cross_execution (
    id                uuid        PRIMARY KEY,
    template          text        NOT NULL,
    period_from       timestamptz NOT NULL,
    period_to         timestamptz NOT NULL,
    group_by          text        NOT NULL,
    data_as_of        timestamptz NOT NULL,
    watermark         bigint      NOT NULL CHECK (watermark >= 0),
    definition        text        NOT NULL,
    definition_sha256 text        NOT NULL CHECK (definition_sha256 ~ '^[0-9a-f]{64}$'),
    result            text        NOT NULL,
    result_sha256     text        NOT NULL CHECK (result_sha256 ~ '^[0-9a-f]{64}$'),
    catalogue_version text        NOT NULL,
    executed_by       text        NOT NULL CHECK (executed_by <> ''),
    access_reason     text        NOT NULL CHECK (access_reason <> ''),
    create_time       timestamptz NOT NULL,
    duration_ms       integer     NOT NULL CHECK (duration_ms >= 0),
    CHECK (period_from < period_to)
);
GRANT INSERT ON reporting.cross_execution TO reporting_founder;
GRANT SELECT ON reporting.cross_execution TO reporting_cross;
