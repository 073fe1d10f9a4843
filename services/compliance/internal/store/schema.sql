-- For the query compiler only: the schema itself and its roles are made by bootstrap, the shared tables by pkg/db, before any
-- migration of the service.
CREATE SCHEMA compliance;
CREATE TABLE compliance.module_state (
    agency_id    bigint      NOT NULL,
    module       text        NOT NULL,
    enabled      boolean     NOT NULL,
    revision     bigint      NOT NULL,
    changed_time timestamptz NOT NULL
);
