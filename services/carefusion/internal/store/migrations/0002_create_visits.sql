-- +goose Up
CREATE TABLE carefusion.appointment (
  appointment_id  uuid PRIMARY KEY,
  patient_id      uuid NOT NULL REFERENCES carefusion.patient,
  provider_id     uuid NOT NULL REFERENCES carefusion.provider,
  start_time      timestamptz NOT NULL,
  end_time        timestamptz NOT NULL,
  state           text NOT NULL DEFAULT 'SCHEDULED' CHECK (state IN ('SCHEDULED', 'IN_PROGRESS', 'COMPLETED', 'CANCELLED', 'NO_SHOW')),
  patient_state   char(2) NOT NULL,
  sealed_reason   bytea,
  cancel_reason   text CHECK (cancel_reason IN ('PATIENT', 'PROVIDER', 'TECHNICAL', 'OTHER')),
  remind_time     timestamptz,
  request_id      uuid NOT NULL,
  create_time     timestamptz NOT NULL DEFAULT now(),
  CHECK (end_time > start_time),
  CHECK ((state = 'CANCELLED') = (cancel_reason IS NOT NULL)),
  UNIQUE (patient_id, request_id),
  -- What the tables below hang on: a row of theirs cannot name another patient or provider than its appointment does.
  UNIQUE (appointment_id, patient_id, provider_id)
);
CREATE INDEX appointment_by_provider ON carefusion.appointment (provider_id, appointment_id);

-- Who is taken when. No patient's name is for everybody, so this holds times only for other readers (column grants), and is
-- written by the trigger alone. The constraints see all rows, whatever row-level security shows the caller.
CREATE TABLE carefusion.busy (
  appointment_id  uuid PRIMARY KEY,
  provider_id     uuid NOT NULL,
  patient_id      uuid NOT NULL,
  during          tstzrange NOT NULL,
  CONSTRAINT busy_provider EXCLUDE USING gist (provider_id WITH =, during WITH &&),
  CONSTRAINT busy_patient EXCLUDE USING gist (patient_id WITH =, during WITH &&)
);

CREATE TABLE carefusion.reminder (
  reminder_id     uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  appointment_id  uuid NOT NULL UNIQUE REFERENCES carefusion.appointment,
  patient_id      uuid NOT NULL,
  due_time        timestamptz NOT NULL,
  start_time      timestamptz NOT NULL,
  time_zone       text NOT NULL,
  sent_time       timestamptz
);
CREATE INDEX reminder_due ON carefusion.reminder (due_time) WHERE sent_time IS NULL;

CREATE TABLE carefusion.session (
  appointment_id  uuid PRIMARY KEY,
  patient_id      uuid NOT NULL,
  provider_id     uuid NOT NULL,
  state           text NOT NULL CHECK (state IN ('CHECKED_IN', 'WAITING', 'ADMITTED', 'IN_CALL', 'ENDED')),
  consent_epoch   int NOT NULL DEFAULT 1,
  room            text,
  recording       boolean NOT NULL DEFAULT false,
  check_in_time   timestamptz NOT NULL,
  wait_time       timestamptz,
  admit_time      timestamptz,
  start_time      timestamptz,
  end_time        timestamptz,
  FOREIGN KEY (appointment_id, patient_id, provider_id) REFERENCES carefusion.appointment (appointment_id, patient_id, provider_id),
  CHECK ((state = 'IN_CALL') = (room IS NOT NULL)),
  CHECK (NOT recording OR state = 'IN_CALL')
);
CREATE INDEX session_waiting ON carefusion.session (provider_id, wait_time) WHERE state = 'WAITING';
CREATE UNIQUE INDEX session_room ON carefusion.session (room);

CREATE TABLE carefusion.participant (
  identity        text PRIMARY KEY,
  appointment_id  uuid NOT NULL,
  patient_id      uuid NOT NULL,
  provider_id     uuid NOT NULL,
  subject         uuid NOT NULL,
  room            text NOT NULL,
  issue_time      timestamptz NOT NULL,
  expire_time     timestamptz NOT NULL,
  join_time       timestamptz,
  leave_time      timestamptz,
  FOREIGN KEY (appointment_id, patient_id, provider_id) REFERENCES carefusion.appointment (appointment_id, patient_id, provider_id),
  CHECK (subject IN (patient_id, provider_id))
);

-- What must happen to a room outside the database, though this process may die in between.
CREATE TABLE carefusion.room_command (
  command_id      uuid PRIMARY KEY,
  appointment_id  uuid NOT NULL,
  patient_id      uuid NOT NULL,
  provider_id     uuid NOT NULL,
  room            text NOT NULL,
  kind            text NOT NULL CHECK (kind IN ('CLOSE', 'START_RECORDING', 'STOP_RECORDING')),
  create_time     timestamptz NOT NULL DEFAULT now(),
  done_time       timestamptz,
  FOREIGN KEY (appointment_id, patient_id, provider_id) REFERENCES carefusion.appointment (appointment_id, patient_id, provider_id)
);
CREATE INDEX room_command_open ON carefusion.room_command (create_time) WHERE done_time IS NULL;

CREATE TABLE carefusion.consent_text (
  purpose       text NOT NULL CHECK (purpose IN ('CARE', 'RECORDING', 'MESSAGING')),
  version       int NOT NULL CHECK (version > 0),
  body          text NOT NULL,
  sha256        text NOT NULL,
  publish_time  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (purpose, version),
  CHECK (sha256 = encode(pg_catalog.sha256(convert_to(body, 'UTF8')), 'hex'))
);

-- Decisions, one after the other; the last one of a purpose counts. No column has a default that would decide.
CREATE TABLE carefusion.consent (
  consent_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  appointment_id  uuid NOT NULL,
  patient_id      uuid NOT NULL,
  provider_id     uuid NOT NULL,
  purpose         text NOT NULL,
  version         int NOT NULL,
  sha256          text NOT NULL,
  decision        text NOT NULL CHECK (decision IN ('GIVEN', 'DECLINED', 'WITHDRAWN')),
  signer          text NOT NULL CHECK (signer IN ('PATIENT', 'GUARDIAN')),
  decision_time   timestamptz NOT NULL,
  FOREIGN KEY (appointment_id, patient_id, provider_id) REFERENCES carefusion.appointment (appointment_id, patient_id, provider_id),
  FOREIGN KEY (purpose, version) REFERENCES carefusion.consent_text
);
CREATE INDEX consent_of ON carefusion.consent (appointment_id, purpose, consent_id);

CREATE TABLE carefusion.message (
  message_id      uuid PRIMARY KEY,
  appointment_id  uuid NOT NULL,
  patient_id      uuid NOT NULL,
  provider_id     uuid NOT NULL,
  sender_id       uuid NOT NULL,
  sealed_body     bytea NOT NULL,
  send_time       timestamptz NOT NULL,
  FOREIGN KEY (appointment_id, patient_id, provider_id) REFERENCES carefusion.appointment (appointment_id, patient_id, provider_id),
  CHECK (sender_id IN (patient_id, provider_id))
);
CREATE INDEX message_of ON carefusion.message (appointment_id, message_id);

CREATE TABLE carefusion.note (
  note_id         uuid PRIMARY KEY,
  appointment_id  uuid NOT NULL,
  patient_id      uuid NOT NULL,
  provider_id     uuid NOT NULL,
  state           text NOT NULL CHECK (state IN ('DRAFT', 'SIGNED', 'AMENDED')),
  version         int NOT NULL,
  FOREIGN KEY (appointment_id, patient_id, provider_id) REFERENCES carefusion.appointment (appointment_id, patient_id, provider_id)
);
CREATE INDEX note_of ON carefusion.note (appointment_id);

CREATE TABLE carefusion.note_version (
  note_id      uuid NOT NULL REFERENCES carefusion.note,
  version      int NOT NULL,
  state        text NOT NULL CHECK (state IN ('DRAFT', 'SIGNED', 'AMENDED')),
  sealed_body  bytea NOT NULL,
  author_id    uuid NOT NULL,
  create_time  timestamptz NOT NULL,
  PRIMARY KEY (note_id, version)
);

-- +goose StatementBegin
CREATE FUNCTION carefusion.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'append only' USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
END $$;
-- +goose StatementEnd

-- Owner's rights, because callers may write neither table; the search path is fixed because they could shadow names otherwise.
-- +goose StatementBegin
CREATE FUNCTION carefusion.keep_calendar() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    -- Two inserts that meet in an exclusion constraint wait for each other, which is a deadlock: so one after the other, by
    -- provider first and patient second, always in this order.
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.provider_id::text, 1));
    PERFORM pg_advisory_xact_lock(hashtextextended(NEW.patient_id::text, 2));
    INSERT INTO carefusion.busy VALUES (NEW.appointment_id, NEW.provider_id, NEW.patient_id, tstzrange(NEW.start_time, NEW.end_time));
    IF NEW.remind_time IS NOT NULL THEN
      INSERT INTO carefusion.reminder (appointment_id, patient_id, due_time, start_time, time_zone)
        SELECT NEW.appointment_id, NEW.patient_id, NEW.remind_time, NEW.start_time, p.time_zone
        FROM carefusion.provider p WHERE p.provider_id = NEW.provider_id;
    END IF;
  ELSE
    IF NEW.state IN ('CANCELLED', 'NO_SHOW') THEN
      DELETE FROM carefusion.busy WHERE appointment_id = NEW.appointment_id;
    END IF;
    IF NEW.state <> 'SCHEDULED' THEN
      DELETE FROM carefusion.reminder WHERE appointment_id = NEW.appointment_id AND sent_time IS NULL;
    END IF;
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER keep_calendar AFTER INSERT OR UPDATE ON carefusion.appointment FOR EACH ROW EXECUTE FUNCTION carefusion.keep_calendar();

-- +goose StatementBegin
CREATE FUNCTION carefusion.check_appointment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'SCHEDULED' THEN RAISE EXCEPTION 'appointment begins as scheduled' USING ERRCODE = 'check_violation'; END IF;
    RETURN NEW;
  END IF;
  IF NEW.state <> OLD.state AND NOT (OLD.state, NEW.state) IN
    (('SCHEDULED', 'IN_PROGRESS'), ('SCHEDULED', 'CANCELLED'), ('SCHEDULED', 'NO_SHOW'), ('IN_PROGRESS', 'COMPLETED')) THEN
    RAISE EXCEPTION 'appointment: % does not become %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
  END IF;
  IF (NEW.appointment_id, NEW.patient_id, NEW.provider_id, NEW.start_time, NEW.end_time, NEW.patient_state)
     IS DISTINCT FROM (OLD.appointment_id, OLD.patient_id, OLD.provider_id, OLD.start_time, OLD.end_time, OLD.patient_state) THEN
    RAISE EXCEPTION 'appointment: only the state changes' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER check_appointment BEFORE INSERT OR UPDATE ON carefusion.appointment FOR EACH ROW EXECUTE FUNCTION carefusion.check_appointment();

-- The last decision of a purpose, as the caller may see it.
-- +goose StatementBegin
CREATE FUNCTION carefusion.consented(appointment uuid, what text) RETURNS boolean LANGUAGE sql STABLE
  RETURN COALESCE((SELECT c.decision = 'GIVEN' FROM carefusion.consent c
    WHERE c.appointment_id = appointment AND c.purpose = what ORDER BY c.consent_id DESC LIMIT 1), false);
-- +goose StatementEnd

-- The state machine once more, where no code can go around it: nobody is in a call without consent to care, nobody is
-- recorded without consent to that.
-- +goose StatementBegin
CREATE FUNCTION carefusion.check_session() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state <> 'CHECKED_IN' THEN RAISE EXCEPTION 'session begins as checked in' USING ERRCODE = 'check_violation'; END IF;
    RETURN NEW;
  END IF;
  IF NEW.state <> OLD.state AND NOT (OLD.state, NEW.state) IN
    (('CHECKED_IN', 'WAITING'), ('WAITING', 'ADMITTED'), ('ADMITTED', 'IN_CALL'), ('ADMITTED', 'WAITING'), ('IN_CALL', 'WAITING'),
     ('IN_CALL', 'ENDED'), ('ADMITTED', 'ENDED'), ('WAITING', 'ENDED')) THEN
    RAISE EXCEPTION 'session: % does not become %', OLD.state, NEW.state USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.state <> OLD.state AND NEW.state IN ('ADMITTED', 'IN_CALL', 'ENDED') AND current_user <> 'carefusion_provider' THEN
    RAISE EXCEPTION 'session: the provider''s to decide' USING ERRCODE = 'check_violation';
  END IF;
  IF OLD.state = 'ENDED' THEN RAISE EXCEPTION 'session: over' USING ERRCODE = 'check_violation'; END IF;
  IF NEW.state = 'IN_CALL' AND NOT carefusion.consented(NEW.appointment_id, 'CARE') THEN
    RAISE EXCEPTION 'session: no consent to care' USING ERRCODE = 'check_violation';
  END IF;
  IF NEW.recording AND NOT OLD.recording AND NOT carefusion.consented(NEW.appointment_id, 'RECORDING') THEN
    RAISE EXCEPTION 'session: no consent to recording' USING ERRCODE = 'check_violation';
  END IF;
  -- A room lives for one epoch: it cannot come back after a withdrawal.
  IF NEW.consent_epoch < OLD.consent_epoch OR (OLD.state = 'IN_CALL' AND NEW.state = 'IN_CALL' AND NEW.room <> OLD.room) THEN
    RAISE EXCEPTION 'session: the room belongs to its epoch' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NEW;
END $$;
-- +goose StatementEnd
CREATE TRIGGER check_session BEFORE INSERT OR UPDATE ON carefusion.session FOR EACH ROW EXECUTE FUNCTION carefusion.check_session();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON carefusion.consent FOR EACH ROW EXECUTE FUNCTION carefusion.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON carefusion.consent_text FOR EACH ROW EXECUTE FUNCTION carefusion.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON carefusion.message FOR EACH ROW EXECUTE FUNCTION carefusion.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON carefusion.note_version FOR EACH ROW EXECUTE FUNCTION carefusion.refuse_change();
