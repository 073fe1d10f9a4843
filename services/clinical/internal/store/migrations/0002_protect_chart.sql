-- +goose Up

-- Who sees which rows. A policy asks the tables beside it under their own policies, so each says one thing only:
-- personnel_crew_id shows a crew member their own ids, chart_crew the versions with one of these ids, chart the charts
-- whose current version is among them, and so on outwards.

ALTER TABLE clinical.personnel ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinical.personnel FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON clinical.personnel TO clinical_founder, clinical_agency
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
GRANT SELECT, INSERT, UPDATE ON clinical.personnel TO clinical_founder, clinical_agency;

ALTER TABLE clinical.personnel_crew_id ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinical.personnel_crew_id FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON clinical.personnel_crew_id TO clinical_founder, clinical_agency
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY own ON clinical.personnel_crew_id FOR SELECT TO clinical_clinical
    USING (agency_id = current_setting('app.current_agency')::bigint
        AND subject = current_setting('app.current_subject'));
GRANT SELECT, INSERT, DELETE ON clinical.personnel_crew_id TO clinical_founder, clinical_agency;
GRANT SELECT ON clinical.personnel_crew_id TO clinical_clinical;

ALTER TABLE clinical.chart_crew ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinical.chart_crew FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON clinical.chart_crew TO clinical_integration
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY own ON clinical.chart_crew FOR SELECT TO clinical_clinical
    USING (agency_id = current_setting('app.current_agency')::bigint
        -- As an array it is evaluated once and is a condition of the index; as IN it would be a filter over all crews.
        AND crew_id = ANY (ARRAY(SELECT p.crew_id FROM clinical.personnel_crew_id p)));
GRANT INSERT ON clinical.chart_crew TO clinical_integration;
GRANT SELECT ON clinical.chart_crew TO clinical_clinical;

ALTER TABLE clinical.qa_context ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinical.qa_context FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON clinical.qa_context TO clinical_system, clinical_qa
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
GRANT SELECT, INSERT, UPDATE ON clinical.qa_context TO clinical_system;
GRANT SELECT ON clinical.qa_context TO clinical_qa;

ALTER TABLE clinical.chart ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinical.chart FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON clinical.chart TO clinical_founder, clinical_supervisor, clinical_integration, clinical_system
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY across ON clinical.chart FOR SELECT TO clinical_cross USING (true);
CREATE POLICY own ON clinical.chart FOR SELECT TO clinical_clinical
    USING (agency_id = current_setting('app.current_agency')::bigint
        AND EXISTS (SELECT 1 FROM clinical.chart_crew c
            WHERE c.agency_id = chart.agency_id AND c.chart_id = chart.id AND c.version = chart.version));
CREATE POLICY under_review ON clinical.chart FOR SELECT TO clinical_qa
    USING (agency_id = current_setting('app.current_agency')::bigint
        AND EXISTS (SELECT 1 FROM clinical.qa_context q
            WHERE q.agency_id = chart.agency_id AND q.chart_id = chart.id AND q.open));
GRANT SELECT ON clinical.chart TO clinical_founder, clinical_cross, clinical_supervisor, clinical_clinical, clinical_qa;
GRANT SELECT (agency_id, id, nemsis_agency_number, pcr_number, version, content_hash, report_uuid, import_time), INSERT, UPDATE
    ON clinical.chart TO clinical_integration;
GRANT SELECT (agency_id, id, version) ON clinical.chart TO clinical_system;

ALTER TABLE clinical.chart_version ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinical.chart_version FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON clinical.chart_version TO clinical_founder, clinical_supervisor, clinical_integration, clinical_system
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY across ON clinical.chart_version FOR SELECT TO clinical_cross USING (true);
CREATE POLICY of_visible_chart ON clinical.chart_version FOR SELECT TO clinical_clinical, clinical_qa
    USING (agency_id = current_setting('app.current_agency')::bigint
        AND EXISTS (SELECT 1 FROM clinical.chart c WHERE c.agency_id = chart_version.agency_id AND c.id = chart_version.chart_id));
GRANT SELECT ON clinical.chart_version TO clinical_founder, clinical_cross, clinical_supervisor, clinical_clinical, clinical_qa;
GRANT INSERT ON clinical.chart_version TO clinical_integration;
GRANT SELECT (agency_id, chart_id, version, incident_number, key_version, sealed_facts) ON clinical.chart_version TO clinical_system;

ALTER TABLE clinical.document ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinical.document FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON clinical.document TO clinical_founder, clinical_supervisor, clinical_integration
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY across ON clinical.document FOR SELECT TO clinical_cross USING (true);
CREATE POLICY of_visible_chart ON clinical.document FOR SELECT TO clinical_clinical, clinical_qa
    USING (agency_id = current_setting('app.current_agency')::bigint
        AND EXISTS (SELECT 1 FROM clinical.chart_version v WHERE v.agency_id = document.agency_id AND v.document_id = document.id));
GRANT SELECT ON clinical.document TO clinical_founder, clinical_cross, clinical_supervisor, clinical_clinical, clinical_qa;
GRANT INSERT ON clinical.document TO clinical_integration;
