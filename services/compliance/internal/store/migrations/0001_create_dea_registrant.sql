-- +goose Up

-- What an agency tracks of its DEA registrations: references and dates, never a credential. There is no column for one.
-- A list partition for each agency keeps one agency's records together when they are inspected, held or handed over; agencies
-- without a partition of their own are in the default one.
CREATE TABLE compliance.dea_registrant_metadata (
    agency_id               bigint      NOT NULL CHECK (agency_id > 0),
    id                      uuid        NOT NULL,
    registrant_name         text        NOT NULL CHECK (registrant_name <> '' AND length(registrant_name) <= 200),
    dea_registration_number text        NOT NULL CHECK (dea_registration_number ~ '^[A-Z][A-Z9][0-9]{7}$'),
    authorized_schedules    text[]      NOT NULL
        CHECK (authorized_schedules <@ ARRAY['II', 'IIN', 'III', 'IIIN', 'IV', 'V'] AND cardinality(authorized_schedules) > 0),
    -- Both unknown until the registration is granted. The status is derived from them, so that it cannot be out of date.
    issue_date              date,
    expiration_date         date,
    -- Set when the record was retired; retired records stay.
    retire_time             timestamptz,
    create_time             timestamptz NOT NULL,
    update_time             timestamptz NOT NULL,
    PRIMARY KEY (agency_id, id),
    CHECK ((issue_date IS NULL) = (expiration_date IS NULL)),
    CHECK (expiration_date >= issue_date)
) PARTITION BY LIST (agency_id);
CREATE TABLE compliance.dea_registrant_metadata_default PARTITION OF compliance.dea_registrant_metadata DEFAULT;

CREATE UNIQUE INDEX dea_registrant_number ON compliance.dea_registrant_metadata (agency_id, dea_registration_number)
    WHERE retire_time IS NULL;
CREATE INDEX dea_registrant_expiry ON compliance.dea_registrant_metadata (agency_id, coalesce(expiration_date, 'infinity'), id);

-- Partitions have no grants: rows are reached through the table, whose policies then hold. They are closed all the same.
ALTER TABLE compliance.dea_registrant_metadata ENABLE ROW LEVEL SECURITY;
ALTER TABLE compliance.dea_registrant_metadata FORCE ROW LEVEL SECURITY;
ALTER TABLE compliance.dea_registrant_metadata_default ENABLE ROW LEVEL SECURITY;
ALTER TABLE compliance.dea_registrant_metadata_default FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON compliance.dea_registrant_metadata TO compliance_founder, compliance_compliance
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY across ON compliance.dea_registrant_metadata FOR SELECT TO compliance_cross USING (true);

GRANT SELECT, INSERT, UPDATE ON compliance.dea_registrant_metadata TO compliance_founder, compliance_compliance;
GRANT SELECT ON compliance.dea_registrant_metadata TO compliance_cross;
