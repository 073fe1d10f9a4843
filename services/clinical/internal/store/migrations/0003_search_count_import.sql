-- +goose Up

-- What people ask of a list of charts: to find one by the beginning of a number, how many come in, and to hand some in.

-- Search. Letter case is folded in columns, not in the query: a condition that calls a function on a row's value may look
-- at no row that a policy has yet to judge, so it could not use an index. Under the collation "C" a beginning is a range.
ALTER TABLE clinical.chart
    ADD COLUMN pcr_number_key text COLLATE "C" NOT NULL GENERATED ALWAYS AS (upper(pcr_number COLLATE "C")) STORED,
    ADD COLUMN incident_number_key text COLLATE "C" NOT NULL GENERATED ALWAYS AS (upper(incident_number COLLATE "C")) STORED,
    ADD COLUMN unit_call_sign_key text COLLATE "C" NOT NULL GENERATED ALWAYS AS (upper(unit_call_sign COLLATE "C")) STORED;
CREATE INDEX chart_pcr_prefix ON clinical.chart (agency_id, pcr_number_key);
CREATE INDEX chart_incident_prefix ON clinical.chart (agency_id, incident_number_key);
CREATE INDEX chart_unit_prefix ON clinical.chart (agency_id, unit_call_sign_key);

-- Counts. Administrators see when charts came in and how many findings each has; the findings, and every number that a
-- chart is known by, stay out of their reach.
ALTER TABLE clinical.chart_version
    ADD COLUMN finding_count integer NOT NULL GENERATED ALWAYS AS (jsonb_array_length(findings)) STORED;
CREATE POLICY counted ON clinical.chart FOR SELECT TO clinical_agency
    USING (agency_id = current_setting('app.current_agency')::bigint);
GRANT SELECT (agency_id, id, version, import_time) ON clinical.chart TO clinical_agency;
CREATE POLICY counted ON clinical.chart_version FOR SELECT TO clinical_agency
    USING (agency_id = current_setting('app.current_agency')::bigint);
GRANT SELECT (agency_id, chart_id, version, finding_count) ON clinical.chart_version TO clinical_agency;

-- Imports by people. An import compares with what is stored, so it reads numbers and hashes of charts. The groups of people
-- get none of that: an import runs as clinical_integration, whoever sends it, and this is the door. Who may not call it
-- is refused by the database. PL/pgSQL, since a function that the planner resolves would be checked once for a plan that
-- other roles of the same session use after it.
-- +goose StatementBegin
CREATE FUNCTION clinical.may_import() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RETURN true; END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION clinical.may_import() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION clinical.may_import() TO clinical_founder, clinical_agency, clinical_supervisor;
