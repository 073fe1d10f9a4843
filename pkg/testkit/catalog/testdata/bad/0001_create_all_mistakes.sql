-- +goose Up
CREATE TABLE cat_bad.no_agency (id bigint PRIMARY KEY);
CREATE TABLE cat_bad.not_forced (agency_id bigint NOT NULL, id bigint NOT NULL, PRIMARY KEY (agency_id, id));
ALTER TABLE cat_bad.not_forced ENABLE ROW LEVEL SECURITY;
CREATE TABLE cat_bad.bare_key (agency_id bigint NOT NULL, id bigint PRIMARY KEY);
ALTER TABLE cat_bad.bare_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE cat_bad.bare_key FORCE ROW LEVEL SECURITY;
CREATE TABLE cat_bad.bare_reference (agency_id bigint NOT NULL, id bigint REFERENCES cat_bad.bare_key (id), PRIMARY KEY (agency_id, id));
ALTER TABLE cat_bad.bare_reference ENABLE ROW LEVEL SECURITY;
ALTER TABLE cat_bad.bare_reference FORCE ROW LEVEL SECURITY;
CREATE POLICY missing_ok ON cat_bad.bare_key TO cat_bad_qa
    USING (agency_id = current_setting('app.current_agency', true)::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency', true)::bigint);
CREATE POLICY no_check ON cat_bad.bare_reference TO cat_bad_qa USING (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY widened ON cat_bad.not_forced TO cat_bad_qa
    USING (agency_id = current_setting('app.current_agency')::bigint OR id = 1)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY cross_writes ON cat_bad.not_forced TO cat_bad_cross USING (true);
GRANT SELECT ON cat_bad.bare_key TO cat_bad_billing;
GRANT INSERT ON cat_bad.not_forced TO cat_bad_cross;
GRANT SELECT ON cat_bad.not_forced TO cat_bad_login;
CREATE VIEW cat_bad.owners_eyes AS SELECT * FROM cat_bad.bare_key;
CREATE MATERIALIZED VIEW cat_bad.frozen AS SELECT 1 AS x;
-- +goose StatementBegin
CREATE FUNCTION cat_bad.loose() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';
-- +goose StatementEnd
