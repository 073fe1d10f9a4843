-- +goose Up

-- Evidence only grows. This refuses every other change, to every role, the owner of the tables included.
-- +goose StatementBegin
CREATE FUNCTION audit.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %.% is refused: evidence is append-only', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
-- +goose StatementEnd

-- One row per leaf. leaf_input is what the tree proves; the other columns repeat it for queries, and hold the detail
-- (reason for crossing agencies, changed fields), of which the leaf has a salted hash only, so that purged detail leaves
-- its proof intact.
CREATE TABLE audit.entry (
    leaf_index        bigint      PRIMARY KEY CHECK (leaf_index >= 0),
    event_id          uuid        NOT NULL,
    agency_id         bigint      NOT NULL,
    stream            smallint    NOT NULL CHECK (stream BETWEEN 1 AND 3),
    outcome           smallint    NOT NULL CHECK (outcome BETWEEN 1 AND 3),
    occurred_time     timestamptz NOT NULL,
    log_time          timestamptz NOT NULL,
    service           text        NOT NULL,
    action            text        NOT NULL,
    resource          text        NOT NULL,
    reason            text        NOT NULL,
    actor             text        NOT NULL,
    actor_kind        text        NOT NULL,
    role              text        NOT NULL,
    executed_by       text        NOT NULL,
    policy_version_id text        NOT NULL,
    request_id        text        NOT NULL,
    detail            text,
    salt              bytea,
    leaf_input        bytea       NOT NULL,
    CHECK ((detail IS NULL) = (salt IS NULL))
);
-- Uniqueness of the event id is global: the log holds an event once, whoever it belongs to.
CREATE UNIQUE INDEX entry_event ON audit.entry (event_id);
CREATE INDEX entry_agency ON audit.entry (agency_id, leaf_index);
CREATE INDEX entry_resource ON audit.entry (resource, leaf_index) WHERE resource <> '';
CREATE INDEX entry_actor ON audit.entry (actor, leaf_index);
CREATE INDEX entry_request ON audit.entry (request_id, leaf_index) WHERE request_id <> '';
CREATE INDEX entry_occurred ON audit.entry USING brin (occurred_time);

ALTER TABLE audit.entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit.entry FORCE ROW LEVEL SECURITY;
CREATE POLICY readers ON audit.entry FOR SELECT TO audit_founder, audit_compliance
    USING (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY across ON audit.entry FOR SELECT TO audit_cross USING (true);
-- The log takes the entries of all agencies in one order, in transactions of no agency; all it can read back is which
-- events it has.
CREATE POLICY writer ON audit.entry FOR INSERT TO audit_system WITH CHECK (true);
CREATE POLICY writer_ids ON audit.entry FOR SELECT TO audit_system USING (true);
GRANT SELECT ON audit.entry TO audit_founder, audit_compliance, audit_cross;
GRANT INSERT, SELECT (event_id) ON audit.entry TO audit_system;

-- The Merkle tree (RFC 6962): hashes of complete subtrees, level 0 being the leaves. A row is a run of neighbours on one
-- level, as one append made them: index of the first, and 32 bytes each. Hashes tell nothing about whose entry it was.
CREATE TABLE audit.node (
    level       smallint NOT NULL CHECK (level BETWEEN 0 AND 62),
    first_index bigint   NOT NULL CHECK (first_index >= 0),
    hashes      bytea    NOT NULL CHECK (length(hashes) > 0 AND length(hashes) % 32 = 0),
    PRIMARY KEY (level, first_index)
);
-- Hashes do not compress, and a proof wants 32 bytes out of a run.
ALTER TABLE audit.node ALTER COLUMN hashes SET STORAGE EXTERNAL;
GRANT SELECT ON audit.node TO audit_founder, audit_compliance, audit_cross, audit_system;
GRANT INSERT ON audit.node TO audit_system;

-- A signed statement of size and root after every append: the newest one is the head of the log.
CREATE TABLE audit.checkpoint (
    tree_size   bigint      PRIMARY KEY CHECK (tree_size > 0),
    root_hash   bytea       NOT NULL CHECK (length(root_hash) = 32),
    note        text        NOT NULL,
    create_time timestamptz NOT NULL
);
GRANT SELECT ON audit.checkpoint TO audit_founder, audit_compliance, audit_cross, audit_system;
GRANT INSERT ON audit.checkpoint TO audit_system;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.entry FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.node FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit.checkpoint FOR EACH STATEMENT EXECUTE FUNCTION audit.refuse_change();
-- ALWAYS: also for sessions that apply changes as a replica does.
ALTER TABLE audit.entry ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE audit.node ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE audit.checkpoint ENABLE ALWAYS TRIGGER append_only;
