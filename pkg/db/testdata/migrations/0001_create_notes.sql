-- +goose Up
CREATE TABLE notes_svc.notes (
    agency_id bigint NOT NULL,
    id        bigint NOT NULL,
    body      text   NOT NULL CHECK (body <> ''),
    PRIMARY KEY (agency_id, id)
);
ALTER TABLE notes_svc.notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE notes_svc.notes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notes_svc.notes TO notes_svc_qa, notes_svc_agency, notes_svc_system
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY across ON notes_svc.notes FOR SELECT TO notes_svc_cross USING (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON notes_svc.notes TO notes_svc_qa, notes_svc_system;
GRANT SELECT ON notes_svc.notes TO notes_svc_agency, notes_svc_cross;
