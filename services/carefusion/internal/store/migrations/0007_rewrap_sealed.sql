-- +goose Up
-- Rotating the data key seals every value anew, by the owner and in place. What only grows stays so: of a message or of a note's
-- text the owner may replace the sealed form, and nothing else of the row.
-- +goose StatementBegin
CREATE FUNCTION carefusion.refuse_change_but_sealing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND current_user = 'carefusion_migrator' AND to_jsonb(NEW) - 'sealed_body' = to_jsonb(OLD) - 'sealed_body' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'append only' USING ERRCODE = 'integrity_constraint_violation', TABLE = TG_TABLE_NAME;
END $$;
-- +goose StatementEnd
DROP TRIGGER append_only ON carefusion.message;
DROP TRIGGER append_only ON carefusion.note_version;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON carefusion.message FOR EACH ROW EXECUTE FUNCTION carefusion.refuse_change_but_sealing();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON carefusion.note_version FOR EACH ROW EXECUTE FUNCTION carefusion.refuse_change_but_sealing();
CREATE POLICY rewrap ON carefusion.patient TO carefusion_migrator USING (true) WITH CHECK (true);
CREATE POLICY rewrap ON carefusion.appointment TO carefusion_migrator USING (true) WITH CHECK (true);
CREATE POLICY rewrap ON carefusion.message TO carefusion_migrator USING (true) WITH CHECK (true);
CREATE POLICY rewrap ON carefusion.note_version TO carefusion_migrator USING (true) WITH CHECK (true);

-- A value that is sealed anew is no news: the appointment is the same.
DROP TRIGGER emit ON carefusion.appointment;
CREATE TRIGGER emit AFTER INSERT OR UPDATE OF state ON carefusion.appointment FOR EACH ROW EXECUTE FUNCTION carefusion.emit();
