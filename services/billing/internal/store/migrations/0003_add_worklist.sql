-- +goose Up

-- What the worklist is sorted and counted by. A claim without a date of service is sorted behind all others.
ALTER TABLE billing.claim
    ADD COLUMN worklist_date date NOT NULL GENERATED ALWAYS AS (coalesce(service_date, 'infinity'::date)) STORED,
    ADD COLUMN level_hcpcs text GENERATED ALWAYS AS (draft -> 'level' ->> 'hcpcs') STORED;

-- The oldest date of service first: in one state, in all of them, and for the founder, who has no agency to begin with. The
-- first one also answers the counts without reading a draft.
CREATE INDEX claim_worklist ON billing.claim (agency_id, state, worklist_date, id) INCLUDE (missing_codes, no_bill_code, level_hcpcs);
CREATE INDEX claim_by_date ON billing.claim (agency_id, worklist_date, id);
CREATE INDEX claim_by_date_across ON billing.claim (worklist_date, id);

-- Administrators count what waits. No column that tells of a claim is theirs: no chart, no draft.
CREATE POLICY tally ON billing.claim FOR SELECT TO billing_agency
    USING (agency_id = current_setting('app.current_agency')::bigint);
GRANT SELECT (agency_id, state, worklist_date, missing_codes, no_bill_code, level_hcpcs) ON billing.claim TO billing_agency;
