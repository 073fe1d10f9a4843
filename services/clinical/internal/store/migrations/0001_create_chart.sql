-- +goose Up

-- Charts and who may read them. Documents and facts are sealed under a key of their agency; columns hold what lists and
-- policies need: identifiers, codes and times, never a name.
--
-- Audiences. founder, supervisor: every chart of the agency. cross: every chart, read-only. clinical: charts whose
-- current version has the reader in its crew. qa: charts with an open case. integration: writes, and reads back what an
-- import compares. system: facts for other services, and what events say. agency: personnel, no chart. The groups peer,
-- billing, compliance and ai have nothing here.

-- Keys of agencies, wrapped by the key-encryption key. A version is never changed but by wrapping it again.
CREATE TABLE clinical.agency_key (
    agency_id   bigint      NOT NULL CHECK (agency_id > 0),
    version     integer     NOT NULL CHECK (version > 0),
    wrapped     bytea       NOT NULL,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (agency_id, version)
);
ALTER TABLE clinical.agency_key ENABLE ROW LEVEL SECURITY;
ALTER TABLE clinical.agency_key FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON clinical.agency_key
    TO clinical_founder, clinical_supervisor, clinical_clinical, clinical_qa, clinical_integration, clinical_system
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY across ON clinical.agency_key FOR SELECT TO clinical_cross USING (true);
GRANT SELECT ON clinical.agency_key
    TO clinical_founder, clinical_cross, clinical_supervisor, clinical_clinical, clinical_qa, clinical_integration, clinical_system;
GRANT INSERT ON clinical.agency_key TO clinical_integration;

-- One row per patient-care report, pointing at its current version. A report is known by its number within the NEMSIS
-- agency that wrote it: an agency with identities in two states numbers its reports twice.
CREATE TABLE clinical.chart (
    agency_id            bigint      NOT NULL CHECK (agency_id > 0),
    id                   uuid        NOT NULL,
    nemsis_agency_number text        NOT NULL,
    pcr_number           text        NOT NULL CHECK (pcr_number <> ''),
    version              integer     NOT NULL CHECK (version > 0),
    content_hash         bytea       NOT NULL CHECK (length(content_hash) = 32),
    report_uuid          text        NOT NULL,
    nemsis_version       text        NOT NULL,
    incident_number      text        NOT NULL,
    unit_call_sign       text        NOT NULL,
    unit_notified_time   timestamptz,
    import_time          timestamptz NOT NULL,
    PRIMARY KEY (agency_id, id),
    CONSTRAINT chart_pcr_key UNIQUE (agency_id, pcr_number, nemsis_agency_number)
);
CREATE INDEX chart_newest ON clinical.chart (agency_id, import_time DESC, id DESC);
CREATE INDEX chart_incident ON clinical.chart (agency_id, incident_number, import_time DESC, id DESC);
CREATE INDEX chart_notified ON clinical.chart (agency_id, unit_notified_time);

-- The documents as they came in. layout says where the reports of a document with several lie, so that a reader who may
-- see one of them is not given the others.
CREATE TABLE clinical.document (
    agency_id    bigint      NOT NULL CHECK (agency_id > 0),
    id           uuid        NOT NULL,
    report_count integer     NOT NULL CHECK (report_count > 0),
    layout       jsonb,
    key_version  integer     NOT NULL,
    sealed       bytea       NOT NULL,
    import_time  timestamptz NOT NULL,
    PRIMARY KEY (agency_id, id),
    FOREIGN KEY (agency_id, key_version) REFERENCES clinical.agency_key (agency_id, version),
    CHECK ((report_count > 1) = (layout IS NOT NULL))
);
-- XML compresses, ciphertext does not: do not try.
ALTER TABLE clinical.document ALTER COLUMN sealed SET STORAGE EXTERNAL;

CREATE TABLE clinical.chart_version (
    agency_id       bigint      NOT NULL CHECK (agency_id > 0),
    chart_id        uuid        NOT NULL,
    version         integer     NOT NULL CHECK (version > 0),
    document_id     uuid        NOT NULL,
    report_index    integer     NOT NULL CHECK (report_index >= 0),
    content_hash    bytea       NOT NULL CHECK (length(content_hash) = 32),
    nemsis_version  text        NOT NULL,
    incident_number text        NOT NULL,
    findings        jsonb       NOT NULL CHECK (jsonb_typeof(findings) = 'array'),
    key_version     integer     NOT NULL,
    sealed_facts    bytea       NOT NULL,
    import_time     timestamptz NOT NULL,
    PRIMARY KEY (agency_id, chart_id, version),
    FOREIGN KEY (agency_id, chart_id) REFERENCES clinical.chart (agency_id, id),
    FOREIGN KEY (agency_id, document_id) REFERENCES clinical.document (agency_id, id),
    FOREIGN KEY (agency_id, key_version) REFERENCES clinical.agency_key (agency_id, version)
);
CREATE INDEX chart_version_document ON clinical.chart_version (agency_id, document_id);
ALTER TABLE clinical.chart_version ALTER COLUMN sealed_facts SET STORAGE EXTERNAL;
-- The current version exists. Checked at commit, since each of the two rows names the other.
ALTER TABLE clinical.chart ADD CONSTRAINT chart_current_version FOREIGN KEY (agency_id, id, version)
    REFERENCES clinical.chart_version (agency_id, chart_id, version) DEFERRABLE INITIALLY DEFERRED;

-- eCrew.01 of each version: what makes a chart a crew member's own.
CREATE TABLE clinical.chart_crew (
    agency_id bigint  NOT NULL CHECK (agency_id > 0),
    chart_id  uuid    NOT NULL,
    version   integer NOT NULL,
    crew_id   text    NOT NULL CHECK (crew_id <> ''),
    PRIMARY KEY (agency_id, chart_id, version, crew_id),
    FOREIGN KEY (agency_id, chart_id, version) REFERENCES clinical.chart_version (agency_id, chart_id, version)
);
CREATE INDEX chart_crew_member ON clinical.chart_crew (agency_id, crew_id, chart_id, version);

-- Logins and their crew ids. A crew id belongs to one login of the agency at most.
CREATE TABLE clinical.personnel (
    agency_id   bigint      NOT NULL CHECK (agency_id > 0),
    subject     text        NOT NULL CHECK (subject <> ''),
    update_time timestamptz NOT NULL,
    PRIMARY KEY (agency_id, subject)
);
CREATE TABLE clinical.personnel_crew_id (
    agency_id bigint NOT NULL CHECK (agency_id > 0),
    crew_id   text   NOT NULL CHECK (crew_id <> ''),
    subject   text   NOT NULL,
    PRIMARY KEY (agency_id, crew_id),
    FOREIGN KEY (agency_id, subject) REFERENCES clinical.personnel (agency_id, subject)
);
CREATE INDEX personnel_crew_id_subject ON clinical.personnel_crew_id (agency_id, subject, crew_id);

-- Cases of quality review, as its events told. A chart is in QA context while one of them is open.
CREATE TABLE clinical.qa_context (
    agency_id  bigint      NOT NULL CHECK (agency_id > 0),
    chart_id   uuid        NOT NULL,
    case_id    uuid        NOT NULL,
    open       boolean     NOT NULL,
    event_time timestamptz NOT NULL,
    PRIMARY KEY (agency_id, chart_id, case_id),
    FOREIGN KEY (agency_id, chart_id) REFERENCES clinical.chart (agency_id, id)
);
