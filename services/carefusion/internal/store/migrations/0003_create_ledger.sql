-- +goose Up
CREATE TABLE carefusion.encounter (
  appointment_id  uuid PRIMARY KEY,
  patient_id      uuid NOT NULL,
  provider_id     uuid NOT NULL,
  start_time      timestamptz NOT NULL,
  end_time        timestamptz NOT NULL,
  FOREIGN KEY (appointment_id, patient_id, provider_id) REFERENCES carefusion.appointment (appointment_id, patient_id, provider_id),
  UNIQUE (appointment_id, patient_id)
);

CREATE TABLE carefusion.journal (
  journal_id      uuid PRIMARY KEY,
  appointment_id  uuid NOT NULL,
  patient_id      uuid NOT NULL,
  kind            text NOT NULL CHECK (kind IN ('CHARGE', 'PAYMENT', 'REVERSAL')),
  code            text,
  -- One reversal at most, and it names what it undoes.
  reverses        uuid UNIQUE REFERENCES carefusion.journal,
  request_id      uuid NOT NULL UNIQUE,
  post_time       timestamptz NOT NULL,
  FOREIGN KEY (appointment_id, patient_id) REFERENCES carefusion.encounter (appointment_id, patient_id),
  UNIQUE (journal_id, patient_id),
  CHECK ((kind = 'REVERSAL') = (reverses IS NOT NULL)),
  CHECK ((kind = 'CHARGE') = (code IS NOT NULL))
);
CREATE INDEX journal_of ON carefusion.journal (appointment_id, post_time);

-- Debit is positive, credit is negative, minor units.
CREATE TABLE carefusion.ledger_entry (
  journal_id    uuid NOT NULL,
  line          int NOT NULL,
  patient_id    uuid NOT NULL,
  account       text NOT NULL CHECK (account IN ('RECEIVABLE', 'REVENUE', 'CASH')),
  amount_minor  bigint NOT NULL CHECK (amount_minor <> 0),
  currency      char(3) NOT NULL CHECK (currency = 'USD'),
  PRIMARY KEY (journal_id, line),
  FOREIGN KEY (journal_id, patient_id) REFERENCES carefusion.journal (journal_id, patient_id)
);
CREATE INDEX ledger_entry_of ON carefusion.ledger_entry (patient_id, account);

-- At commit, because a journal is balanced only once all its lines are there. A journal without lines is caught from its own row.
-- +goose StatementBegin
CREATE FUNCTION carefusion.check_balanced() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT count(*) < 2 OR sum(amount_minor) <> 0 FROM carefusion.ledger_entry WHERE journal_id = NEW.journal_id) THEN
    RAISE EXCEPTION 'journal is not balanced' USING ERRCODE = 'check_violation';
  END IF;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON carefusion.journal DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION carefusion.check_balanced();
CREATE CONSTRAINT TRIGGER balanced AFTER INSERT ON carefusion.ledger_entry DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW EXECUTE FUNCTION carefusion.check_balanced();

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON carefusion.encounter FOR EACH ROW EXECUTE FUNCTION carefusion.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON carefusion.journal FOR EACH ROW EXECUTE FUNCTION carefusion.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON carefusion.ledger_entry FOR EACH ROW EXECUTE FUNCTION carefusion.refuse_change();
