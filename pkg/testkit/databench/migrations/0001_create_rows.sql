-- +goose Up
CREATE TABLE bench.plain (agency_id bigint NOT NULL, id bigint NOT NULL, body text NOT NULL, PRIMARY KEY (agency_id, id));
CREATE TABLE bench.many (agency_id bigint NOT NULL, id bigint NOT NULL, body text NOT NULL, PRIMARY KEY (agency_id, id));
CREATE TABLE bench.one (LIKE bench.many INCLUDING ALL);
CREATE TABLE bench.written (agency_id bigint NOT NULL, id uuid NOT NULL, body text NOT NULL, PRIMARY KEY (agency_id, id));
CREATE TABLE bench.written_plain (LIKE bench.written INCLUDING ALL);
CREATE TABLE bench.applied (agency_id bigint NOT NULL, event_id uuid NOT NULL, key text NOT NULL, PRIMARY KEY (agency_id, event_id));
-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['many', 'one', 'written', 'applied'] LOOP
    EXECUTE format('ALTER TABLE bench.%I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE bench.%I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON bench.%I TO bench_qa, bench_system
      USING (agency_id = current_setting(''app.current_agency'')::bigint)
      WITH CHECK (agency_id = current_setting(''app.current_agency'')::bigint)', t);
    EXECUTE format('GRANT SELECT, INSERT ON bench.%I TO bench_qa, bench_system', t);
  END LOOP;
END $$;
-- +goose StatementEnd
-- The base of the figures: the login itself, without role and agency.
GRANT USAGE ON SCHEMA bench TO bench_login;
GRANT SELECT ON bench.plain TO bench_login;
GRANT INSERT ON bench.written_plain TO bench_login;
