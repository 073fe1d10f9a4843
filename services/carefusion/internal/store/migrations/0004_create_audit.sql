-- +goose Up
-- Each hash covers the one before, so that nothing can be changed, left out or moved without every later hash changing.
CREATE TABLE carefusion.audit_record (
  sequence   bigint PRIMARY KEY CHECK (sequence > 0),
  body       text NOT NULL,
  prev_hash  bytea NOT NULL,
  hash       bytea NOT NULL
);
-- The one row that writers queue on.
CREATE TABLE carefusion.audit_head (
  one       boolean PRIMARY KEY DEFAULT true CHECK (one),
  sequence  bigint NOT NULL,
  hash      bytea NOT NULL
);
INSERT INTO carefusion.audit_head (sequence, hash) VALUES (0, pg_catalog.sha256('carefusion audit log'));

-- +goose StatementBegin
CREATE FUNCTION carefusion.append_audit(record text) RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE head carefusion.audit_head; next bytea;
BEGIN
  SELECT * INTO STRICT head FROM carefusion.audit_head FOR UPDATE;
  next := sha256(head.hash || convert_to((head.sequence + 1)::text || ' ' || record, 'UTF8'));
  INSERT INTO carefusion.audit_record VALUES (head.sequence + 1, record, head.hash, next);
  UPDATE carefusion.audit_head SET sequence = head.sequence + 1, hash = next;
  RETURN head.sequence + 1;
END $$;
-- +goose StatementEnd
REVOKE ALL ON FUNCTION carefusion.append_audit(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION carefusion.append_audit(text) TO carefusion_patient, carefusion_provider, carefusion_admin, carefusion_billing, carefusion_system;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON carefusion.audit_record FOR EACH ROW EXECUTE FUNCTION carefusion.refuse_change();
