-- +goose Up

-- What an agency tracks of its Medicare enrollments: references and dates, never a credential.
CREATE TABLE compliance.cms_enrollment_metadata (
    agency_id             bigint      NOT NULL CHECK (agency_id > 0),
    id                    uuid        NOT NULL,
    supplier_name         text        NOT NULL CHECK (supplier_name <> '' AND length(supplier_name) <= 200),
    npi_reference         text        NOT NULL CHECK (npi_reference ~ '^[12][0-9]{9}$'),
    ptan_reference        text        NOT NULL DEFAULT '' CHECK (ptan_reference ~ '^([A-Z0-9]{5,10})?$'),
    enrollment_state      text        NOT NULL CHECK (enrollment_state ~ '^[A-Z]{2}$'),
    pecos_enrollment_id   text        NOT NULL DEFAULT '' CHECK (pecos_enrollment_id ~ '^([IO][0-9]{14})?$'),
    mac_identifier        text        NOT NULL DEFAULT '' CHECK (mac_identifier ~ '^([0-9]{5})?$'),
    effective_date        date,
    deactivation_date     date,
    revalidation_due_date date,
    -- One object for each payer and first day; the service checks them.
    payer_participation   jsonb       NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(payer_participation) = 'array'),
    last_verified_date    date,
    verification_source   smallint    NOT NULL DEFAULT 0 CHECK (verification_source BETWEEN 0 AND 5),
    retire_time           timestamptz,
    retire_reason         smallint    NOT NULL DEFAULT 0 CHECK (retire_reason BETWEEN 0 AND 5),
    revision              bigint      NOT NULL DEFAULT 1 CHECK (revision > 0),
    request_id            uuid,
    request_digest        bytea,
    create_time           timestamptz NOT NULL,
    update_time           timestamptz NOT NULL,
    PRIMARY KEY (agency_id, id),
    CHECK (deactivation_date >= effective_date),
    CHECK (revalidation_due_date >= effective_date),
    CHECK ((last_verified_date IS NULL) = (verification_source = 0)),
    CHECK ((request_id IS NULL) = (request_digest IS NULL))
) PARTITION BY LIST (agency_id);
CREATE TABLE compliance.cms_enrollment_metadata_default PARTITION OF compliance.cms_enrollment_metadata DEFAULT;

CREATE UNIQUE INDEX cms_enrollment_number ON compliance.cms_enrollment_metadata (agency_id, npi_reference, ptan_reference, enrollment_state)
    WHERE retire_time IS NULL;
CREATE UNIQUE INDEX cms_enrollment_request ON compliance.cms_enrollment_metadata (agency_id, request_id);
CREATE INDEX cms_enrollment_due ON compliance.cms_enrollment_metadata (agency_id, coalesce(revalidation_due_date, 'infinity'), id);

ALTER TABLE compliance.cms_enrollment_metadata ENABLE ROW LEVEL SECURITY;
ALTER TABLE compliance.cms_enrollment_metadata FORCE ROW LEVEL SECURITY;
ALTER TABLE compliance.cms_enrollment_metadata_default ENABLE ROW LEVEL SECURITY;
ALTER TABLE compliance.cms_enrollment_metadata_default FORCE ROW LEVEL SECURITY;

-- The group billing holds the billing administrator, who keeps enrollments up, beside staff, who only read: that is for the
-- method rules to tell apart.
CREATE POLICY tenant ON compliance.cms_enrollment_metadata TO compliance_founder, compliance_compliance, compliance_billing
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
-- An administrator reads while billing is on. A module without a row is on.
CREATE POLICY administrator ON compliance.cms_enrollment_metadata FOR SELECT TO compliance_agency
    USING (agency_id = current_setting('app.current_agency')::bigint
           AND NOT EXISTS (SELECT FROM compliance.module_state m
                           WHERE m.agency_id = current_setting('app.current_agency')::bigint AND m.module = 'billing' AND NOT m.enabled));
CREATE POLICY dating ON compliance.cms_enrollment_metadata FOR SELECT TO compliance_system
    USING (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY across ON compliance.cms_enrollment_metadata FOR SELECT TO compliance_cross USING (true);
GRANT SELECT, INSERT, UPDATE ON compliance.cms_enrollment_metadata TO compliance_founder, compliance_compliance, compliance_billing;
GRANT SELECT ON compliance.cms_enrollment_metadata TO compliance_agency, compliance_system, compliance_cross;
GRANT SELECT ON compliance.policy_version TO compliance_billing, compliance_agency;
