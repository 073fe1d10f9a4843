-- +goose Up
-- What happened, for whoever wants to know: ids and nothing else. A row is gone when it was passed on.
CREATE TABLE carefusion.outbox (
  sequence        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id        uuid NOT NULL DEFAULT gen_random_uuid(),
  subject         text NOT NULL CHECK (subject IN ('session', 'message', 'consent', 'appointment', 'reminder')),
  appointment_id  uuid NOT NULL,
  provider_id     uuid NOT NULL,
  create_time     timestamptz NOT NULL DEFAULT now()
);
-- What a consumer has done already: brokers deliver at least once.
CREATE TABLE carefusion.inbox (
  consumer     text NOT NULL,
  event_id     uuid NOT NULL,
  handle_time  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (consumer, event_id)
);
-- When a reminder was handed to the broker; without one it is not.
ALTER TABLE carefusion.reminder ADD COLUMN queue_time timestamptz;

-- Owner's rights, because callers do not write the outbox. In the transaction of the change, so that neither is without the other.
-- +goose StatementBegin
CREATE FUNCTION carefusion.emit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO carefusion.outbox (subject, appointment_id, provider_id) VALUES (TG_TABLE_NAME, NEW.appointment_id, NEW.provider_id);
  NOTIFY carefusion_outbox;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER emit AFTER INSERT OR UPDATE ON carefusion.session FOR EACH ROW EXECUTE FUNCTION carefusion.emit();
CREATE TRIGGER emit AFTER INSERT OR UPDATE ON carefusion.appointment FOR EACH ROW EXECUTE FUNCTION carefusion.emit();
CREATE TRIGGER emit AFTER INSERT ON carefusion.message FOR EACH ROW EXECUTE FUNCTION carefusion.emit();
CREATE TRIGGER emit AFTER INSERT ON carefusion.consent FOR EACH ROW EXECUTE FUNCTION carefusion.emit();

ALTER TABLE carefusion.outbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE carefusion.outbox FORCE ROW LEVEL SECURITY;
ALTER TABLE carefusion.inbox ENABLE ROW LEVEL SECURITY;
ALTER TABLE carefusion.inbox FORCE ROW LEVEL SECURITY;
CREATE POLICY emit ON carefusion.outbox FOR INSERT TO carefusion_migrator WITH CHECK (true);
GRANT SELECT, DELETE ON carefusion.outbox TO carefusion_system;
CREATE POLICY relay ON carefusion.outbox TO carefusion_system USING (carefusion.caller() IS NOT NULL);
GRANT SELECT, INSERT, DELETE ON carefusion.inbox TO carefusion_system;
CREATE POLICY work ON carefusion.inbox TO carefusion_system USING (carefusion.caller() IS NOT NULL);

-- A reminder that falls due is an event as well; only its hand-over writes it.
-- +goose StatementBegin
CREATE FUNCTION carefusion.emit_reminder() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
  INSERT INTO carefusion.outbox (subject, appointment_id, provider_id)
    SELECT 'reminder', a.appointment_id, a.provider_id FROM carefusion.appointment a WHERE a.appointment_id = NEW.appointment_id;
  NOTIFY carefusion_outbox;
  RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE TRIGGER emit AFTER UPDATE OF queue_time ON carefusion.reminder FOR EACH ROW
  WHEN (NEW.queue_time IS DISTINCT FROM OLD.queue_time AND NEW.queue_time IS NOT NULL) EXECUTE FUNCTION carefusion.emit_reminder();
CREATE POLICY calendar ON carefusion.appointment FOR SELECT TO carefusion_migrator USING (true);
GRANT UPDATE (queue_time) ON carefusion.reminder TO carefusion_system;
