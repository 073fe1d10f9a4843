-- +goose Up

-- Who has acknowledged which wording of a notice. It belongs to the person, in whatever agency they work: the founder is
-- not asked again for each.
CREATE TABLE compliance.notice_acknowledgement (
    subject          text        NOT NULL CHECK (subject <> ''),
    workspace        text        NOT NULL CHECK (workspace IN ('dea', 'cms')),
    version          integer     NOT NULL CHECK (version > 0),
    sha256           text        NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    acknowledge_time timestamptz NOT NULL,
    PRIMARY KEY (subject, workspace, version)
);
ALTER TABLE compliance.notice_acknowledgement ENABLE ROW LEVEL SECURITY;
ALTER TABLE compliance.notice_acknowledgement FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON compliance.notice_acknowledgement
    TO compliance_founder, compliance_compliance, compliance_substances, compliance_agency, compliance_billing, compliance_cross
    USING (subject = current_setting('app.current_subject')) WITH CHECK (subject = current_setting('app.current_subject'));
GRANT SELECT, INSERT ON compliance.notice_acknowledgement
    TO compliance_founder, compliance_compliance, compliance_substances, compliance_agency, compliance_billing;
GRANT SELECT ON compliance.notice_acknowledgement TO compliance_cross;

-- Whether administrators of the agency may be granted the DEA workspace at all.
CREATE TABLE compliance.dea_access (
    agency_id   bigint      PRIMARY KEY CHECK (agency_id > 0),
    enabled     boolean     NOT NULL,
    update_time timestamptz NOT NULL
);
ALTER TABLE compliance.dea_access ENABLE ROW LEVEL SECURITY;
ALTER TABLE compliance.dea_access FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON compliance.dea_access TO compliance_founder, compliance_compliance
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY reading ON compliance.dea_access FOR SELECT TO compliance_agency, compliance_system
    USING (agency_id = current_setting('app.current_agency')::bigint);
GRANT SELECT, INSERT, UPDATE ON compliance.dea_access TO compliance_founder, compliance_compliance;
GRANT SELECT ON compliance.dea_access TO compliance_agency, compliance_system;

-- The view of the DEA workspace, for one administrator and a time.
CREATE TABLE compliance.dea_grant (
    agency_id   bigint      NOT NULL CHECK (agency_id > 0),
    id          uuid        NOT NULL,
    subject     text        NOT NULL CHECK (subject <> ''),
    reason      text        NOT NULL CHECK (reason <> ''),
    grantor     text        NOT NULL,
    create_time timestamptz NOT NULL,
    expire_time timestamptz NOT NULL CHECK (expire_time > create_time),
    revoke_time timestamptz,
    PRIMARY KEY (agency_id, id)
);
CREATE INDEX dea_grant_subject ON compliance.dea_grant (agency_id, subject, expire_time);
ALTER TABLE compliance.dea_grant ENABLE ROW LEVEL SECURITY;
ALTER TABLE compliance.dea_grant FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON compliance.dea_grant TO compliance_founder, compliance_compliance
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY own ON compliance.dea_grant FOR SELECT TO compliance_agency
    USING (agency_id = current_setting('app.current_agency')::bigint AND subject = current_setting('app.current_subject'));
CREATE POLICY reading ON compliance.dea_grant FOR SELECT TO compliance_system
    USING (agency_id = current_setting('app.current_agency')::bigint);
GRANT SELECT, INSERT ON compliance.dea_grant TO compliance_founder, compliance_compliance;
-- A grant is never prolonged and never changes hands: the one thing that happens to it is its end.
GRANT UPDATE (revoke_time) ON compliance.dea_grant TO compliance_founder, compliance_compliance;
GRANT SELECT ON compliance.dea_grant TO compliance_agency, compliance_system;

-- What an administrator sees of the DEA workspace exists only under the flag and a live grant, whatever the service does.
CREATE POLICY administrator ON compliance.dea_registrant_metadata FOR SELECT TO compliance_agency
    USING (agency_id = current_setting('app.current_agency')::bigint
           AND EXISTS (SELECT FROM compliance.dea_access f JOIN compliance.dea_grant g ON g.agency_id = f.agency_id
                       WHERE f.agency_id = current_setting('app.current_agency')::bigint AND f.enabled
                         AND g.subject = current_setting('app.current_subject')
                         AND g.revoke_time IS NULL AND g.expire_time > now()));
GRANT SELECT ON compliance.dea_registrant_metadata TO compliance_agency;

-- A controlled-substance officer looks at the DEA workspace, and at no other.
CREATE POLICY substances ON compliance.dea_registrant_metadata FOR SELECT TO compliance_substances
    USING (agency_id = current_setting('app.current_agency')::bigint);
GRANT SELECT ON compliance.dea_registrant_metadata, compliance.policy_version TO compliance_substances;
