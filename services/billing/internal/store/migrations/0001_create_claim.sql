-- +goose Up

-- One claim for each chart of an agency, as the rules drafted it last. It holds codes, miles and a ZIP code, no identity of
-- a person.
CREATE TABLE billing.claim (
    agency_id      bigint      NOT NULL,
    id             uuid        NOT NULL,
    chart_id       uuid        NOT NULL,
    chart_version  integer     NOT NULL CHECK (chart_version > 0),
    revision       integer     NOT NULL CHECK (revision > 0),
    state          text        NOT NULL CHECK (state IN ('DRAFT', 'READY', 'NO_BILL')),
    service_date   date,
    missing_codes  text[]      NOT NULL,
    no_bill_code   text,
    draft          jsonb       NOT NULL,
    policy_key     text        NOT NULL,
    policy_version integer     NOT NULL CHECK (policy_version > 0),
    policy_sha256  text        NOT NULL CHECK (policy_sha256 ~ '^[0-9a-f]{64}$'),
    create_time    timestamptz NOT NULL,
    update_time    timestamptz NOT NULL,
    PRIMARY KEY (agency_id, id),
    CONSTRAINT claim_of_chart UNIQUE (agency_id, chart_id),
    CHECK ((state = 'NO_BILL') = (no_bill_code IS NOT NULL)),
    CHECK ((state = 'DRAFT') = (cardinality(missing_codes) > 0))
);
-- For the founder across agencies, who lists without an agency to begin with.
CREATE INDEX claim_newest ON billing.claim (id DESC);

-- Every draft that a claim ever was, with the policy version that it was judged under. Append only.
CREATE TABLE billing.claim_revision (
    agency_id      bigint      NOT NULL,
    claim_id       uuid        NOT NULL,
    revision       integer     NOT NULL CHECK (revision > 0),
    chart_version  integer     NOT NULL,
    draft          jsonb       NOT NULL,
    policy_key     text        NOT NULL,
    policy_version integer     NOT NULL,
    policy_sha256  text        NOT NULL,
    create_time    timestamptz NOT NULL,
    PRIMARY KEY (agency_id, claim_id, revision),
    FOREIGN KEY (agency_id, claim_id) REFERENCES billing.claim (agency_id, id)
);

ALTER TABLE billing.claim ENABLE ROW LEVEL SECURITY;
ALTER TABLE billing.claim FORCE ROW LEVEL SECURITY;
ALTER TABLE billing.claim_revision ENABLE ROW LEVEL SECURITY;
ALTER TABLE billing.claim_revision FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant ON billing.claim TO billing_system, billing_billing, billing_founder
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY across ON billing.claim FOR SELECT TO billing_cross USING (true);
CREATE POLICY tenant ON billing.claim_revision TO billing_system, billing_billing, billing_founder
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY across ON billing.claim_revision FOR SELECT TO billing_cross USING (true);

-- Drafts are made by the service on events; people read them. Everybody else has nothing here.
GRANT SELECT, INSERT ON billing.claim TO billing_system;
GRANT UPDATE (chart_version, revision, state, service_date, missing_codes, no_bill_code, draft, policy_key, policy_version,
    policy_sha256, update_time) ON billing.claim TO billing_system;
GRANT SELECT ON billing.claim TO billing_billing, billing_founder, billing_cross;
GRANT SELECT, INSERT ON billing.claim_revision TO billing_system;
GRANT SELECT ON billing.claim_revision TO billing_billing, billing_founder, billing_cross;
