-- What every service's schema has: messages that leave with their transaction, events that arrived, modules switched off.
-- {schema} is replaced before it runs.

CREATE TABLE {schema}.outbox (
    seq          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    event_id     uuid        NOT NULL,
    agency_id    bigint      NOT NULL,
    nats_subject text        NOT NULL,
    payload      bytea       NOT NULL,
    traceparent  text        NOT NULL DEFAULT '',
    created_time timestamptz NOT NULL DEFAULT now()
);
-- A queue: rows live for milliseconds. Vacuum early, by count and not by share.
ALTER TABLE {schema}.outbox SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 20000);
ALTER TABLE {schema}.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.outbox FORCE ROW LEVEL SECURITY;
-- Events of the platform itself have agency 0 and are written without an agency set, so the cast must not be reached.
CREATE POLICY writers ON {schema}.outbox FOR INSERT TO PUBLIC
    WITH CHECK (CASE WHEN agency_id = 0 THEN true ELSE agency_id = current_setting('app.current_agency')::bigint END);
CREATE POLICY relay ON {schema}.outbox TO {schema}_relay USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, DELETE ON {schema}.outbox TO {schema}_relay;

CREATE TABLE {schema}.inbox (
    event_id      uuid        PRIMARY KEY,
    agency_id     bigint      NOT NULL,
    event_type    text        NOT NULL,
    stream        text        NOT NULL,
    stream_seq    bigint      NOT NULL,
    state         text        NOT NULL CHECK (state IN ('applied', 'parked', 'dead')),
    module        text        NOT NULL DEFAULT '',
    attempts      integer     NOT NULL DEFAULT 0,
    reason        text        NOT NULL DEFAULT '',
    payload       bytea,
    received_time timestamptz NOT NULL DEFAULT now(),
    CHECK ((state = 'applied') = (payload IS NULL))
);
CREATE INDEX inbox_waiting ON {schema}.inbox (agency_id, module, stream, stream_seq) WHERE state <> 'applied';
CREATE INDEX inbox_received ON {schema}.inbox USING brin (received_time);
ALTER TABLE {schema}.inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.inbox FORCE ROW LEVEL SECURITY;
CREATE POLICY relay ON {schema}.inbox TO {schema}_relay USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON {schema}.inbox TO {schema}_relay;

CREATE TABLE {schema}.module_state (
    agency_id    bigint      NOT NULL,
    module       text        NOT NULL,
    enabled      boolean     NOT NULL,
    revision     bigint      NOT NULL,
    changed_time timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (agency_id, module)
);
ALTER TABLE {schema}.module_state ENABLE ROW LEVEL SECURITY;
ALTER TABLE {schema}.module_state FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON {schema}.module_state TO PUBLIC
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY relay ON {schema}.module_state TO {schema}_relay USING (true) WITH CHECK (true);
GRANT SELECT ON {schema}.module_state TO {schema}_relay;
