-- +goose Up

-- The tenants. The row of an agency is visible to its own people; the founder, who administers tenants, and the fleet's
-- services, which ask whose a document is, see all of them.
CREATE SEQUENCE agency.agency_id_seq AS bigint;

CREATE TABLE agency.agency (
    agency_id       bigint      PRIMARY KEY CHECK (agency_id > 0),
    display_name    text        NOT NULL CHECK (display_name <> '' AND length(display_name) <= 200),
    state_unique_id text        NOT NULL CHECK (state_unique_id <> '' AND length(state_unique_id) <= 50),
    agency_number   text        NOT NULL CHECK (agency_number <> '' AND length(agency_number) <= 50),
    state_code      text        NOT NULL CHECK (state_code ~ '^[0-9]{2}$'),
    time_zone       text        NOT NULL CHECK (time_zone <> ''),
    state           text        NOT NULL CHECK (state IN ('active')),
    -- The request that registered the agency and the digest of its content: the same request again answers this row.
    request_id      uuid        NOT NULL,
    request_digest  bytea       NOT NULL CHECK (length(request_digest) = 32),
    create_time     timestamptz NOT NULL
);
-- These keys are global on purpose: they are what makes one agency of the fleet one agency. Only the founder can insert,
-- so that no tenant learns from them what another has.
CREATE UNIQUE INDEX agency_request ON agency.agency (request_id);
CREATE UNIQUE INDEX agency_state_unique_id ON agency.agency (state_code, lower(state_unique_id));
CREATE UNIQUE INDEX agency_number ON agency.agency (state_code, lower(agency_number));

ALTER TABLE agency.agency ENABLE ROW LEVEL SECURITY;
ALTER TABLE agency.agency FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON agency.agency FOR SELECT
    TO agency_agency, agency_qa, agency_peer, agency_clinical, agency_supervisor, agency_billing, agency_compliance,
       agency_integration, agency_ai
    USING (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY administer ON agency.agency FOR SELECT TO agency_founder, agency_cross, agency_system USING (true);
CREATE POLICY register ON agency.agency FOR INSERT TO agency_founder
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
GRANT SELECT ON agency.agency
    TO agency_agency, agency_qa, agency_peer, agency_clinical, agency_supervisor, agency_billing, agency_compliance,
       agency_integration, agency_ai, agency_founder, agency_cross, agency_system;
GRANT INSERT ON agency.agency TO agency_founder;
GRANT USAGE ON SEQUENCE agency.agency_id_seq TO agency_founder;

-- The switchboard. A module without a row was never touched and is on.
CREATE TABLE agency.module_switch (
    agency_id   bigint      NOT NULL REFERENCES agency.agency (agency_id),
    module      text        NOT NULL CHECK (module <> '' AND length(module) <= 64),
    enabled     boolean     NOT NULL,
    reason      text        NOT NULL CHECK (length(reason) <= 500),
    revision    bigint      NOT NULL,
    update_time timestamptz NOT NULL,
    PRIMARY KEY (agency_id, module),
    CHECK (enabled OR reason <> '')
);
ALTER TABLE agency.module_switch ENABLE ROW LEVEL SECURITY;
ALTER TABLE agency.module_switch FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON agency.module_switch FOR SELECT
    TO agency_agency, agency_qa, agency_peer, agency_clinical, agency_supervisor, agency_billing, agency_compliance,
       agency_integration, agency_ai
    USING (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY administer ON agency.module_switch FOR SELECT TO agency_founder, agency_cross, agency_system USING (true);
CREATE POLICY set_first ON agency.module_switch FOR INSERT TO agency_founder
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY set_again ON agency.module_switch FOR UPDATE TO agency_founder
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
GRANT SELECT ON agency.module_switch
    TO agency_agency, agency_qa, agency_peer, agency_clinical, agency_supervisor, agency_billing, agency_compliance,
       agency_integration, agency_ai, agency_founder, agency_cross, agency_system;
GRANT INSERT, UPDATE ON agency.module_switch TO agency_founder;

-- One number that grows with every switch: what gateways compare, and the lock that makes switching one at a time.
CREATE TABLE agency.registry_revision (
    one      boolean PRIMARY KEY DEFAULT true CHECK (one),
    revision bigint  NOT NULL CHECK (revision > 0)
);
INSERT INTO agency.registry_revision (revision) VALUES (1);
GRANT SELECT ON agency.registry_revision TO agency_founder, agency_system;
GRANT UPDATE ON agency.registry_revision TO agency_founder;
