-- +goose Up

-- Governance policies belong to the platform: no agency, so no row-level security, but grants. A version never changes;
-- which one is in force is the last activation.
CREATE TABLE audit.policy_version (
    key         text        NOT NULL CHECK (key <> '' AND length(key) <= 64),
    version     integer     NOT NULL CHECK (version > 0),
    document    text        NOT NULL, -- canonical JSON (RFC 8785)
    sha256      bytea       NOT NULL,
    comment     text        NOT NULL CHECK (comment <> '' AND length(comment) <= 2000),
    author      text        NOT NULL CHECK (author <> ''),
    create_time timestamptz NOT NULL,
    PRIMARY KEY (key, version),
    CONSTRAINT policy_version_hash CHECK (sha256 = pg_catalog.sha256(convert_to(document, 'UTF8')))
);
GRANT SELECT ON audit.policy_version TO audit_founder, audit_cross, audit_system;
GRANT INSERT ON audit.policy_version TO audit_founder, audit_system;

CREATE TABLE audit.policy_activation (
    seq           bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    key           text        NOT NULL,
    version       integer     NOT NULL,
    activated_by  text        NOT NULL CHECK (activated_by <> ''),
    activate_time timestamptz NOT NULL,
    FOREIGN KEY (key, version) REFERENCES audit.policy_version (key, version)
);
CREATE INDEX policy_activation_key ON audit.policy_activation (key, seq);
GRANT SELECT ON audit.policy_activation TO audit_founder, audit_cross, audit_system;
GRANT INSERT ON audit.policy_activation TO audit_founder, audit_system;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.policy_version FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.policy_activation FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
ALTER TABLE audit.policy_version ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE audit.policy_activation ENABLE ALWAYS TRIGGER append_only;
