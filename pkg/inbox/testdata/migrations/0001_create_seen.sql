-- +goose Up
CREATE TABLE consumer.seen (
    agency_id bigint  NOT NULL,
    position  bigint  GENERATED ALWAYS AS IDENTITY,
    version   integer NOT NULL,
    PRIMARY KEY (agency_id, position)
);
ALTER TABLE consumer.seen ENABLE ROW LEVEL SECURITY;
ALTER TABLE consumer.seen FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON consumer.seen TO consumer_system
    USING (agency_id = current_setting('app.current_agency')::bigint)
    WITH CHECK (agency_id = current_setting('app.current_agency')::bigint);
GRANT SELECT, INSERT ON consumer.seen TO consumer_system;
