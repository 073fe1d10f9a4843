-- +goose Up

-- The people of an agency as the identity provider described them when the fleet last saw them: what resolves the subject of
-- an audit entry to a login. Who may read it is the matrix of ListPeople; nobody writes it but the service itself, because
-- whoever asks who they are may have any role.
CREATE TABLE agency.person (
    agency_id  bigint      NOT NULL REFERENCES agency.agency (agency_id),
    subject    text        NOT NULL CHECK (subject <> '' AND length(subject) <= 255),
    login      text        NOT NULL CHECK (length(login) <= 255),
    roles      text[]      NOT NULL,
    first_seen timestamptz NOT NULL,
    last_seen  timestamptz NOT NULL CHECK (last_seen = date_trunc('hour', last_seen, 'UTC')),
    PRIMARY KEY (agency_id, subject)
);
-- The order of the list. A login is the provider's, which may give it to somebody else once its owner has left.
CREATE INDEX person_login ON agency.person (agency_id, login, subject);

ALTER TABLE agency.person ENABLE ROW LEVEL SECURITY;
ALTER TABLE agency.person FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON agency.person FOR SELECT TO agency_founder, agency_agency, agency_compliance, agency_system
    USING (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY see_first ON agency.person FOR INSERT TO agency_system
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY see_again ON agency.person FOR UPDATE TO agency_system
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
GRANT SELECT ON agency.person TO agency_founder, agency_agency, agency_compliance;
-- To see somebody again the service reads no more than it compares.
GRANT SELECT (agency_id, subject, last_seen) ON agency.person TO agency_system;
GRANT INSERT ON agency.person TO agency_system;
GRANT UPDATE (login, roles, last_seen) ON agency.person TO agency_system;
