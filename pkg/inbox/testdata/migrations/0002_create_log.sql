-- +goose Up
CREATE TABLE consumer.log (
    position  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agency_id bigint  NOT NULL,
    version   integer NOT NULL
);
ALTER TABLE consumer.log ENABLE ROW LEVEL SECURITY;
ALTER TABLE consumer.log FORCE ROW LEVEL SECURITY;
CREATE POLICY append ON consumer.log FOR INSERT TO consumer_system WITH CHECK (true);
GRANT INSERT ON consumer.log TO consumer_system;
