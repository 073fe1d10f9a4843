-- +goose Up

-- The agencies that the alerts are dated for: identifiers, nothing else.
CREATE TABLE compliance.agency (agency_id bigint PRIMARY KEY CHECK (agency_id > 0));
ALTER TABLE compliance.agency ENABLE ROW LEVEL SECURITY;
ALTER TABLE compliance.agency FORCE ROW LEVEL SECURITY;
CREATE POLICY joining ON compliance.agency FOR INSERT TO compliance_founder, compliance_compliance, compliance_billing, compliance_system
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
-- The work of all agencies is planned from here, in a transaction of none.
CREATE POLICY planning ON compliance.agency FOR SELECT TO compliance_system USING (true);
GRANT INSERT ON compliance.agency TO compliance_founder, compliance_compliance, compliance_billing, compliance_system;
GRANT SELECT ON compliance.agency TO compliance_system;

-- Rows move from the default partition into that of their agency, and nowhere else.
CREATE POLICY moving ON compliance.dea_registrant_metadata_default TO compliance_migrator
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY moving ON compliance.cms_enrollment_metadata_default TO compliance_migrator
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);

-- Gives the agency of the transaction its partitions. It takes no argument: with the owner's rights it can do this one thing
-- for that one agency. Rows that arrived before go along. Running it again changes nothing.
-- +goose StatementBegin
CREATE FUNCTION compliance.ensure_partitions() RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    agency bigint := current_setting('app.current_agency')::bigint;
    parent text;
    part   text;
BEGIN
    -- Two activations at once would wait for each other's partitions in another order.
    PERFORM pg_advisory_xact_lock(hashtext('compliance.ensure_partitions'));
    FOREACH parent IN ARRAY ARRAY['dea_registrant_metadata', 'cms_enrollment_metadata'] LOOP
        part := parent || '_' || agency;
        CONTINUE WHEN to_regclass(format('compliance.%I', part)) IS NOT NULL;
        EXECUTE format('CREATE TABLE compliance.%I (LIKE compliance.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', part, parent);
        EXECUTE format('ALTER TABLE compliance.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', part);
        EXECUTE format('CREATE POLICY moving ON compliance.%I TO compliance_migrator'
            ' USING (agency_id = current_setting(''app.current_agency'')::bigint)'
            ' WITH CHECK (agency_id = current_setting(''app.current_agency'')::bigint)', part);
        EXECUTE format('WITH moved AS (DELETE FROM compliance.%I WHERE agency_id = $1 RETURNING *)'
            ' INSERT INTO compliance.%I SELECT * FROM moved', parent || '_default', part) USING agency;
        EXECUTE format('ALTER TABLE compliance.%I ATTACH PARTITION compliance.%I FOR VALUES IN (%s)', parent, part, agency);
    END LOOP;
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION compliance.ensure_partitions() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION compliance.ensure_partitions() TO compliance_system;
