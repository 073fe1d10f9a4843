-- +goose Up
CREATE SCHEMA IF NOT EXISTS carefusion;
GRANT USAGE ON SCHEMA carefusion TO carefusion_login, carefusion_patient, carefusion_provider, carefusion_admin, carefusion_billing, carefusion_system;
-- The service compares its schema version before it says that it is ready.
GRANT SELECT ON carefusion.goose_db_version TO carefusion_login;

-- The caller of the transaction. Never missing_ok: without a subject, or with the empty one that a pooled connection keeps,
-- the cast raises and no row is answered.
-- +goose StatementBegin
CREATE FUNCTION carefusion.caller() RETURNS uuid LANGUAGE sql STABLE
  RETURN current_setting('app.current_subject')::uuid;
-- +goose StatementEnd

CREATE TABLE carefusion.provider (
  provider_id   uuid PRIMARY KEY,
  display_name  text NOT NULL,
  specialty     text NOT NULL,
  time_zone     text NOT NULL,
  slot_minutes  int NOT NULL CHECK (slot_minutes BETWEEN 5 AND 240),
  state         text NOT NULL DEFAULT 'PENDING' CHECK (state IN ('PENDING', 'ACTIVE', 'SUSPENDED')),
  decided_by    uuid,
  decided_time  timestamptz,
  create_time   timestamptz NOT NULL DEFAULT now(),
  CHECK (state = 'PENDING' OR decided_by IS NOT NULL)
);

CREATE TABLE carefusion.provider_license (
  provider_id    uuid NOT NULL REFERENCES carefusion.provider,
  state          char(2) NOT NULL,
  license_number text NOT NULL,
  expire_date    date NOT NULL,
  PRIMARY KEY (provider_id, state)
);

-- Names, birth date and address are sealed with the service's data key; the state is not, since bookings are decided by it.
CREATE TABLE carefusion.patient (
  patient_id     uuid PRIMARY KEY,
  sealed_person  bytea NOT NULL,
  sealed_email   bytea,
  state          char(2) NOT NULL,
  create_time    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE carefusion.availability (
  provider_id   uuid NOT NULL REFERENCES carefusion.provider,
  weekday       int NOT NULL CHECK (weekday BETWEEN 0 AND 6),
  start_minute  int NOT NULL CHECK (start_minute >= 0 AND start_minute < 1440),
  end_minute    int NOT NULL CHECK (end_minute BETWEEN 0 AND 1440),
  PRIMARY KEY (provider_id, weekday, start_minute)
);

CREATE TABLE carefusion.availability_override (
  provider_id  uuid NOT NULL REFERENCES carefusion.provider,
  on_date      date NOT NULL,
  -- Pairs of start and end minute; empty means closed.
  hours        int[] NOT NULL,
  PRIMARY KEY (provider_id, on_date),
  CHECK (cardinality(hours) % 2 = 0)
);
