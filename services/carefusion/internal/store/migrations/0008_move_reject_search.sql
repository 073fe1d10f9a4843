-- +goose Up
-- Where an appointment was before. The request's id makes a move safe to repeat; the times are the record of it, which nobody
-- rewrites.
CREATE TABLE carefusion.appointment_move (
  move_id         uuid PRIMARY KEY,
  appointment_id  uuid NOT NULL,
  patient_id      uuid NOT NULL,
  provider_id     uuid NOT NULL,
  from_time       timestamptz NOT NULL,
  to_time         timestamptz NOT NULL,
  request_id      uuid NOT NULL,
  move_time       timestamptz NOT NULL,
  FOREIGN KEY (appointment_id, patient_id, provider_id) REFERENCES carefusion.appointment (appointment_id, patient_id, provider_id),
  UNIQUE (patient_id, request_id)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON carefusion.appointment_move FOR EACH ROW EXECUTE FUNCTION carefusion.refuse_change();
ALTER TABLE carefusion.appointment_move ENABLE ROW LEVEL SECURITY;
ALTER TABLE carefusion.appointment_move FORCE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON carefusion.appointment_move TO carefusion_patient;
CREATE POLICY of_patient ON carefusion.appointment_move TO carefusion_patient USING (patient_id = carefusion.caller()) WITH CHECK (patient_id = carefusion.caller());

GRANT UPDATE (start_time, end_time, patient_state, remind_time) ON carefusion.appointment TO carefusion_patient;
-- Of what a patient may do to a booked appointment, cancelling and moving is all.
DROP POLICY cancel ON carefusion.appointment;
CREATE POLICY cancel_or_move ON carefusion.appointment AS RESTRICTIVE FOR UPDATE TO carefusion_patient
  USING (patient_id = carefusion.caller()) WITH CHECK (state IN ('CANCELLED', 'SCHEDULED'));

-- Whose it is never changes. When it is changes by its patient, while it is booked and nobody has checked in.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION carefusion.check_appointment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'SCHEDULED' THEN RAISE EXCEPTION 'appointment begins as scheduled' USING ERRCODE = 'check_violation'; END IF;
    RETURN NEW;
  END IF;
  IF NEW.state <> OLD.state AND NOT (OLD.state, NEW.state) IN
    (('SCHEDULED', 'IN_PROGRESS'), ('SCHEDULED', 'CANCELLED'), ('SCHEDULED', 'NO_SHOW'), ('IN_PROGRESS', 'COMPLETED')) THEN
    RAISE EXCEPTION 'appointment: % does not become %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
  END IF;
  IF (NEW.appointment_id, NEW.patient_id, NEW.provider_id) IS DISTINCT FROM (OLD.appointment_id, OLD.patient_id, OLD.provider_id) THEN
    RAISE EXCEPTION 'appointment: stays with its patient and its provider' USING ERRCODE = 'check_violation';
  END IF;
  IF (NEW.start_time, NEW.end_time, NEW.patient_state, NEW.remind_time) IS DISTINCT FROM (OLD.start_time, OLD.end_time, OLD.patient_state, OLD.remind_time)
     AND NOT (OLD.state = 'SCHEDULED' AND NEW.state = 'SCHEDULED' AND current_user = 'carefusion_patient'
       AND NOT EXISTS (SELECT FROM carefusion.session s WHERE s.appointment_id = NEW.appointment_id)) THEN
    RAISE EXCEPTION 'appointment: not to be moved' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd

-- A move changes the calendar in the order of the locks of a booking, and makes a reminder of its own: the earlier one may have
-- been sent, and a sender takes one id for one reminder.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION carefusion.keep_calendar() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF TG_OP = 'INSERT' OR (NEW.start_time, NEW.end_time) IS DISTINCT FROM (OLD.start_time, OLD.end_time) THEN
    -- Two writers that meet in an exclusion constraint wait for each other, which is a deadlock: so one after the other, by
    -- provider first and patient second, always in this order.
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.provider_id::text, 1));
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.patient_id::text, 2));
    IF TG_OP = 'INSERT' THEN
      INSERT INTO carefusion.busy VALUES (NEW.appointment_id, NEW.provider_id, NEW.patient_id, tstzrange(NEW.start_time, NEW.end_time));
    ELSE
      UPDATE carefusion.busy SET during = tstzrange(NEW.start_time, NEW.end_time) WHERE appointment_id = NEW.appointment_id;
      DELETE FROM carefusion.reminder WHERE appointment_id = NEW.appointment_id;
    END IF;
    IF NEW.remind_time IS NOT NULL THEN
      INSERT INTO carefusion.reminder (appointment_id, patient_id, due_time, start_time, time_zone)
        SELECT NEW.appointment_id, NEW.patient_id, NEW.remind_time, NEW.start_time, p.time_zone
        FROM carefusion.provider p WHERE p.provider_id = NEW.provider_id;
    END IF;
    RETURN NULL;
  END IF;
  IF NEW.state IN ('CANCELLED', 'NO_SHOW') THEN
    DELETE FROM carefusion.busy WHERE appointment_id = NEW.appointment_id;
  END IF;
  IF NEW.state <> 'SCHEDULED' THEN
    DELETE FROM carefusion.reminder WHERE appointment_id = NEW.appointment_id AND sent_time IS NULL;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
DROP TRIGGER emit ON carefusion.appointment;
CREATE TRIGGER emit AFTER INSERT OR UPDATE OF state, start_time ON carefusion.appointment FOR EACH ROW EXECUTE FUNCTION carefusion.emit();

-- A registration that was refused. The reason is in a table of its own, because patients and colleagues read the provider's row.
ALTER TABLE carefusion.provider DROP CONSTRAINT provider_state_check;
ALTER TABLE carefusion.provider ADD CONSTRAINT provider_state_check CHECK (state IN ('PENDING', 'ACTIVE', 'SUSPENDED', 'REJECTED'));
CREATE TABLE carefusion.provider_rejection (
  provider_id  uuid PRIMARY KEY REFERENCES carefusion.provider,
  reason       text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500)
);
ALTER TABLE carefusion.provider_rejection ENABLE ROW LEVEL SECURITY;
ALTER TABLE carefusion.provider_rejection FORCE ROW LEVEL SECURITY;
GRANT SELECT ON carefusion.provider_rejection TO carefusion_patient, carefusion_provider, carefusion_admin;
GRANT INSERT, UPDATE (reason) ON carefusion.provider_rejection TO carefusion_admin;
CREATE POLICY own ON carefusion.provider_rejection FOR SELECT TO carefusion_provider USING (provider_id = carefusion.caller());
CREATE POLICY staff ON carefusion.provider_rejection TO carefusion_admin USING (carefusion.caller() IS NOT NULL);
-- Who was approved is suspended, not rejected, whatever the code does.
-- +goose StatementBegin
CREATE FUNCTION carefusion.check_rejection() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.state NOT IN ('PENDING', 'REJECTED') THEN
    RAISE EXCEPTION 'provider: % does not become %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER check_rejection BEFORE UPDATE OF state ON carefusion.provider FOR EACH ROW WHEN (NEW.state = 'REJECTED')
  EXECUTE FUNCTION carefusion.check_rejection();

-- The audit log is searched in columns that the database makes of the very text that the hashes cover: they cannot say something
-- else. Columns and not indexes on expressions, because row-level security lets only operators that leak nothing near an index,
-- and reading JSON is none. Times name their offset, so that reading them depends on no setting, which PostgreSQL cannot know.
-- +goose StatementBegin
CREATE FUNCTION carefusion.audit_time(record text) RETURNS timestamptz LANGUAGE sql IMMUTABLE
  RETURN (record::jsonb ->> 'time')::timestamptz;
-- +goose StatementEnd
ALTER TABLE carefusion.audit_record
  ADD COLUMN record_time timestamptz GENERATED ALWAYS AS (carefusion.audit_time(body)) STORED,
  ADD COLUMN subject text COLLATE "C" GENERATED ALWAYS AS (body::jsonb ->> 'subject') STORED,
  ADD COLUMN role text COLLATE "C" GENERATED ALWAYS AS (body::jsonb ->> 'role') STORED,
  ADD COLUMN method text COLLATE "C" GENERATED ALWAYS AS (regexp_replace(body::jsonb ->> 'method', '^.*/', '')) STORED,
  ADD COLUMN outcome text COLLATE "C" GENERATED ALWAYS AS (body::jsonb ->> 'outcome') STORED,
  -- As callers spelled it, who may write the letters of an id either way.
  ADD COLUMN target text COLLATE "C" GENERATED ALWAYS AS (lower(body::jsonb ->> 'target')) STORED;
CREATE INDEX audit_record_subject ON carefusion.audit_record (subject, sequence);
CREATE INDEX audit_record_method ON carefusion.audit_record (method, sequence);
CREATE INDEX audit_record_target ON carefusion.audit_record (target, sequence);
CREATE INDEX audit_record_refused ON carefusion.audit_record (sequence) WHERE outcome <> 'OK';
CREATE INDEX audit_record_time ON carefusion.audit_record (record_time);
