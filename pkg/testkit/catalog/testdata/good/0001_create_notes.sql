-- +goose Up
CREATE TABLE cat_good.notes (
    agency_id bigint NOT NULL,
    id        bigint NOT NULL,
    body      text   NOT NULL CHECK (body <> ''),
    PRIMARY KEY (agency_id, id)
);
ALTER TABLE cat_good.notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE cat_good.notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON cat_good.notes TO cat_good_qa, cat_good_agency, cat_good_system
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY across ON cat_good.notes FOR SELECT TO cat_good_cross USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON cat_good.notes TO cat_good_qa, cat_good_system;
GRANT SELECT ON cat_good.notes TO cat_good_agency, cat_good_cross;
