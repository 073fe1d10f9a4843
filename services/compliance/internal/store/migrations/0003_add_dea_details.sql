-- +goose Up

-- What the workspace needs daily, beside number and dates. Unknown is null; nothing is invented for rows that are there.
ALTER TABLE compliance.dea_registrant_metadata
    ADD COLUMN business_activity   smallint NOT NULL DEFAULT 0 CHECK (business_activity BETWEEN 0 AND 5),
    ADD COLUMN registered_state    text CHECK (registered_state ~ '^[A-Z]{2}$'),
    ADD COLUMN stationhouse        text     NOT NULL DEFAULT '' CHECK (length(stationhouse) <= 200),
    ADD COLUMN renewal_due_date    date,
    ADD COLUMN last_verified_date  date,
    ADD COLUMN verification_source smallint NOT NULL DEFAULT 0 CHECK (verification_source BETWEEN 0 AND 5),
    ADD COLUMN retire_reason       smallint NOT NULL DEFAULT 0 CHECK (retire_reason BETWEEN 0 AND 5),
    -- Grows with each change: the etag.
    ADD COLUMN revision            bigint   NOT NULL DEFAULT 1 CHECK (revision > 0),
    -- The call that made the record, so that it can be repeated.
    ADD COLUMN request_id          uuid,
    ADD COLUMN request_digest      bytea,
    ADD CHECK (renewal_due_date <= expiration_date),
    ADD CHECK ((last_verified_date IS NULL) = (verification_source = 0)),
    ADD CHECK ((request_id IS NULL) = (request_digest IS NULL));

-- One registration in force for each number, agency and state.
DROP INDEX compliance.dea_registrant_number;
CREATE UNIQUE INDEX dea_registrant_number ON compliance.dea_registrant_metadata (agency_id, dea_registration_number, registered_state)
    NULLS NOT DISTINCT WHERE retire_time IS NULL;
CREATE UNIQUE INDEX dea_registrant_request ON compliance.dea_registrant_metadata (agency_id, request_id);

-- The service itself dates alerts.
CREATE POLICY dating ON compliance.dea_registrant_metadata FOR SELECT TO compliance_system
    USING (agency_id = current_setting('app.current_agency')::bigint);
GRANT SELECT ON compliance.dea_registrant_metadata TO compliance_system;
