-- +goose Up

-- Notes only grow: there is no grant to change one.
CREATE TABLE compliance.compliance_note (
    agency_id   bigint      NOT NULL CHECK (agency_id > 0),
    id          uuid        NOT NULL,
    workspace   text        NOT NULL CHECK (workspace IN ('dea', 'cms')),
    metadata_id uuid,
    text        text        NOT NULL CHECK (text <> '' AND length(text) <= 4000),
    -- 1 compliance, 2 the agency's administrators too.
    visibility  smallint    NOT NULL CHECK (visibility IN (1, 2)),
    author      text        NOT NULL,
    author_role text        NOT NULL,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (agency_id, id)
);
CREATE INDEX compliance_note_workspace ON compliance.compliance_note (agency_id, workspace, id DESC);
ALTER TABLE compliance.compliance_note ENABLE ROW LEVEL SECURITY;
ALTER TABLE compliance.compliance_note FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON compliance.compliance_note TO compliance_founder, compliance_compliance
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY billing ON compliance.compliance_note TO compliance_billing
    USING (agency_id = current_setting('app.current_agency')::bigint AND workspace = 'cms')
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint AND workspace = 'cms');
CREATE POLICY cms_administrator ON compliance.compliance_note FOR SELECT TO compliance_agency
    USING (agency_id = current_setting('app.current_agency')::bigint AND visibility = 2 AND workspace = 'cms'
           AND NOT EXISTS (SELECT FROM compliance.module_state m
                           WHERE m.agency_id = current_setting('app.current_agency')::bigint AND m.module = 'billing' AND NOT m.enabled));
CREATE POLICY dea_administrator ON compliance.compliance_note FOR SELECT TO compliance_agency
    USING (agency_id = current_setting('app.current_agency')::bigint AND visibility = 2 AND workspace = 'dea'
           AND EXISTS (SELECT FROM compliance.dea_access f JOIN compliance.dea_grant g ON g.agency_id = f.agency_id
                       WHERE f.agency_id = current_setting('app.current_agency')::bigint AND f.enabled
                         AND g.subject = current_setting('app.current_subject')
                         AND g.revoke_time IS NULL AND g.expire_time > now()));
GRANT SELECT, INSERT ON compliance.compliance_note TO compliance_founder, compliance_compliance, compliance_billing;
GRANT SELECT ON compliance.compliance_note TO compliance_agency;

-- One alert for each record, kind and date: a cycle. It is raised again as the date comes nearer, and resolved when the date
-- moves on.
CREATE TABLE compliance.alert (
    agency_id      bigint      NOT NULL CHECK (agency_id > 0),
    id             uuid        NOT NULL,
    workspace      text        NOT NULL CHECK (workspace IN ('dea', 'cms')),
    metadata_id    uuid        NOT NULL,
    -- 1 expiration, 2 revalidation, 3 verification.
    kind           smallint    NOT NULL CHECK (kind BETWEEN 1 AND 3),
    due_date       date        NOT NULL,
    threshold_days integer     NOT NULL CHECK (threshold_days >= 0),
    -- 1 open, 2 acknowledged, 3 snoozed, 4 resolved.
    state          smallint    NOT NULL CHECK (state BETWEEN 1 AND 4),
    snooze_until   date,
    snooze_reason  text        NOT NULL DEFAULT '',
    actor          text        NOT NULL DEFAULT '',
    create_time    timestamptz NOT NULL,
    update_time    timestamptz NOT NULL,
    PRIMARY KEY (agency_id, id),
    CHECK ((state = 3) <= (snooze_until IS NOT NULL AND snooze_until < due_date AND snooze_reason <> ''))
);
CREATE UNIQUE INDEX alert_cycle ON compliance.alert (agency_id, metadata_id, kind, due_date);
CREATE INDEX alert_due ON compliance.alert (agency_id, workspace, due_date, id);
ALTER TABLE compliance.alert ENABLE ROW LEVEL SECURITY;
ALTER TABLE compliance.alert FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON compliance.alert TO compliance_founder, compliance_compliance, compliance_system
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY billing ON compliance.alert TO compliance_billing
    USING (agency_id = current_setting('app.current_agency')::bigint AND workspace = 'cms')
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint AND workspace = 'cms');
CREATE POLICY cms_administrator ON compliance.alert FOR SELECT TO compliance_agency
    USING (agency_id = current_setting('app.current_agency')::bigint AND workspace = 'cms'
           AND NOT EXISTS (SELECT FROM compliance.module_state m
                           WHERE m.agency_id = current_setting('app.current_agency')::bigint AND m.module = 'billing' AND NOT m.enabled));
CREATE POLICY dea_administrator ON compliance.alert FOR SELECT TO compliance_agency
    USING (agency_id = current_setting('app.current_agency')::bigint AND workspace = 'dea'
           AND EXISTS (SELECT FROM compliance.dea_access f JOIN compliance.dea_grant g ON g.agency_id = f.agency_id
                       WHERE f.agency_id = current_setting('app.current_agency')::bigint AND f.enabled
                         AND g.subject = current_setting('app.current_subject')
                         AND g.revoke_time IS NULL AND g.expire_time > now()));
GRANT SELECT, INSERT, UPDATE ON compliance.alert TO compliance_founder, compliance_compliance, compliance_system;
GRANT SELECT, UPDATE ON compliance.alert TO compliance_billing;
GRANT INSERT ON compliance.alert TO compliance_billing;
GRANT SELECT ON compliance.alert TO compliance_agency;
CREATE POLICY substances ON compliance.compliance_note FOR SELECT TO compliance_substances
    USING (agency_id = current_setting('app.current_agency')::bigint AND workspace = 'dea');
GRANT SELECT ON compliance.compliance_note TO compliance_substances;
CREATE POLICY substances ON compliance.alert FOR SELECT TO compliance_substances
    USING (agency_id = current_setting('app.current_agency')::bigint AND workspace = 'dea');
GRANT SELECT ON compliance.alert TO compliance_substances;
