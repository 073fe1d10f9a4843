-- +goose Up
-- Deny by default: forced on every table, then only what each role's work needs.
-- +goose StatementBegin
DO $$
DECLARE t record;
BEGIN
  FOR t IN SELECT c.oid::regclass AS name FROM pg_class c WHERE c.relnamespace = 'carefusion'::regnamespace AND c.relkind = 'r' AND c.relname <> 'goose_db_version' LOOP
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', t.name);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', t.name);
  END LOOP;
END $$;
-- +goose StatementEnd

-- Written by functions with the owner's rights, and by nothing else.
CREATE POLICY calendar ON carefusion.busy TO carefusion_migrator USING (true);
CREATE POLICY calendar ON carefusion.reminder TO carefusion_migrator USING (true);
CREATE POLICY calendar ON carefusion.provider FOR SELECT TO carefusion_migrator USING (true);
CREATE POLICY chain ON carefusion.audit_record TO carefusion_migrator USING (true);
CREATE POLICY chain ON carefusion.audit_head TO carefusion_migrator USING (true);

-- provider and licences
GRANT SELECT ON carefusion.provider, carefusion.provider_license TO carefusion_patient, carefusion_provider, carefusion_admin;
CREATE POLICY bookable ON carefusion.provider FOR SELECT TO carefusion_patient USING (state = 'ACTIVE' OR
  EXISTS (SELECT FROM carefusion.appointment a WHERE a.provider_id = provider.provider_id AND a.patient_id = carefusion.caller()));
CREATE POLICY bookable ON carefusion.provider_license FOR SELECT TO carefusion_patient USING
  (EXISTS (SELECT FROM carefusion.provider p WHERE p.provider_id = provider_license.provider_id));
GRANT INSERT ON carefusion.provider, carefusion.provider_license TO carefusion_provider;
-- A provider cannot write state ACTIVE: the check below holds whatever the code does.
GRANT UPDATE (state, decided_by, decided_time) ON carefusion.provider TO carefusion_provider, carefusion_admin;
GRANT UPDATE ON carefusion.provider_license TO carefusion_provider;
CREATE POLICY own ON carefusion.provider TO carefusion_provider USING (provider_id = carefusion.caller())
  WITH CHECK (provider_id = carefusion.caller() AND state = 'PENDING');
CREATE POLICY colleagues ON carefusion.provider FOR SELECT TO carefusion_provider USING (state = 'ACTIVE');
CREATE POLICY own ON carefusion.provider_license TO carefusion_provider USING (provider_id = carefusion.caller()) WITH CHECK (provider_id = carefusion.caller());
CREATE POLICY colleagues ON carefusion.provider_license FOR SELECT TO carefusion_provider USING
  (EXISTS (SELECT FROM carefusion.provider p WHERE p.provider_id = provider_license.provider_id));
CREATE POLICY staff ON carefusion.provider TO carefusion_admin USING (true);
CREATE POLICY staff ON carefusion.provider_license FOR SELECT TO carefusion_admin USING (true);

-- hours
GRANT SELECT ON carefusion.availability, carefusion.availability_override TO carefusion_patient, carefusion_provider, carefusion_admin;
GRANT INSERT, UPDATE, DELETE ON carefusion.availability, carefusion.availability_override TO carefusion_provider;
CREATE POLICY readers ON carefusion.availability FOR SELECT TO carefusion_patient, carefusion_provider, carefusion_admin USING (carefusion.caller() IS NOT NULL);
CREATE POLICY readers ON carefusion.availability_override FOR SELECT TO carefusion_patient, carefusion_provider, carefusion_admin USING (carefusion.caller() IS NOT NULL);
CREATE POLICY own ON carefusion.availability TO carefusion_provider USING (provider_id = carefusion.caller()) WITH CHECK (provider_id = carefusion.caller());
CREATE POLICY own ON carefusion.availability_override TO carefusion_provider USING (provider_id = carefusion.caller()) WITH CHECK (provider_id = carefusion.caller());
GRANT SELECT (provider_id, during) ON carefusion.busy TO carefusion_patient, carefusion_provider;
CREATE POLICY readers ON carefusion.busy FOR SELECT TO carefusion_patient, carefusion_provider USING (carefusion.caller() IS NOT NULL);

-- patient
GRANT SELECT, INSERT ON carefusion.patient TO carefusion_patient;
GRANT UPDATE (state, sealed_email) ON carefusion.patient TO carefusion_patient;
GRANT SELECT ON carefusion.patient TO carefusion_provider, carefusion_system;
CREATE POLICY own ON carefusion.patient TO carefusion_patient USING (patient_id = carefusion.caller()) WITH CHECK (patient_id = carefusion.caller());
CREATE POLICY treated ON carefusion.patient FOR SELECT TO carefusion_provider USING
  (EXISTS (SELECT FROM carefusion.appointment a WHERE a.patient_id = patient.patient_id AND a.provider_id = carefusion.caller()));
CREATE POLICY reminded ON carefusion.patient FOR SELECT TO carefusion_system USING
  (EXISTS (SELECT FROM carefusion.reminder r WHERE r.patient_id = patient.patient_id AND r.sent_time IS NULL));

-- visits: every table names its patient and its provider
-- +goose StatementBegin
DO $$
DECLARE t text;
BEGIN
  FOREACH t IN ARRAY ARRAY['appointment', 'session', 'participant', 'consent', 'message', 'note', 'room_command'] LOOP
    EXECUTE format('GRANT SELECT ON carefusion.%I TO carefusion_provider', t);
    EXECUTE format('CREATE POLICY of_provider ON carefusion.%I TO carefusion_provider USING (provider_id = carefusion.caller()) WITH CHECK (provider_id = carefusion.caller())', t);
    CONTINUE WHEN t IN ('session', 'note', 'message');
    EXECUTE format('CREATE POLICY of_patient ON carefusion.%I TO carefusion_patient USING (patient_id = carefusion.caller()) WITH CHECK (patient_id = carefusion.caller())', t);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['appointment', 'session', 'participant', 'consent', 'message', 'note'] LOOP
    EXECUTE format('GRANT SELECT ON carefusion.%I TO carefusion_patient', t);
  END LOOP;
END $$;
-- +goose StatementEnd
GRANT INSERT ON carefusion.appointment TO carefusion_patient;
GRANT UPDATE (state, cancel_reason) ON carefusion.appointment TO carefusion_patient, carefusion_provider;
-- Of what a patient may do to a booked appointment, cancelling is all.
CREATE POLICY cancel ON carefusion.appointment AS RESTRICTIVE FOR UPDATE TO carefusion_patient
  USING (patient_id = carefusion.caller()) WITH CHECK (state = 'CANCELLED');
GRANT INSERT ON carefusion.session TO carefusion_patient;
GRANT UPDATE (state, consent_epoch, room, recording, wait_time, admit_time, start_time, end_time) ON carefusion.session TO carefusion_patient, carefusion_provider;
-- A patient arrives, waits and, by withdrawing, goes back to waiting. Admission and the call are the provider's to write.
CREATE POLICY see ON carefusion.session FOR SELECT TO carefusion_patient USING (patient_id = carefusion.caller());
CREATE POLICY arrive ON carefusion.session FOR INSERT TO carefusion_patient WITH CHECK (patient_id = carefusion.caller() AND state = 'CHECKED_IN');
CREATE POLICY wait ON carefusion.session FOR UPDATE TO carefusion_patient USING (patient_id = carefusion.caller())
  WITH CHECK (patient_id = carefusion.caller() AND NOT recording AND state IN ('CHECKED_IN', 'WAITING', 'IN_CALL'));
CREATE POLICY recover ON carefusion.session FOR SELECT TO carefusion_system USING (carefusion.caller() IS NOT NULL);
GRANT SELECT ON carefusion.session TO carefusion_system;
GRANT INSERT ON carefusion.participant TO carefusion_patient, carefusion_provider;
GRANT SELECT, UPDATE (join_time, leave_time) ON carefusion.participant TO carefusion_system;
CREATE POLICY events ON carefusion.participant TO carefusion_system USING (carefusion.caller() IS NOT NULL);
GRANT INSERT ON carefusion.room_command TO carefusion_patient, carefusion_provider;
GRANT SELECT, UPDATE (done_time) ON carefusion.room_command TO carefusion_system;
CREATE POLICY work ON carefusion.room_command TO carefusion_system USING (carefusion.caller() IS NOT NULL);
GRANT SELECT, UPDATE (sent_time, due_time) ON carefusion.reminder TO carefusion_system;
CREATE POLICY work ON carefusion.reminder TO carefusion_system USING (carefusion.caller() IS NOT NULL);

GRANT SELECT ON carefusion.consent_text TO carefusion_patient, carefusion_provider, carefusion_admin;
GRANT INSERT ON carefusion.consent_text TO carefusion_admin;
CREATE POLICY readers ON carefusion.consent_text FOR SELECT TO carefusion_patient, carefusion_provider, carefusion_admin USING (carefusion.caller() IS NOT NULL);
CREATE POLICY publish ON carefusion.consent_text FOR INSERT TO carefusion_admin WITH CHECK (carefusion.caller() IS NOT NULL);
GRANT INSERT ON carefusion.consent TO carefusion_patient;

GRANT INSERT ON carefusion.message TO carefusion_patient, carefusion_provider;
CREATE POLICY own ON carefusion.message TO carefusion_patient USING (patient_id = carefusion.caller())
  WITH CHECK (patient_id = carefusion.caller() AND sender_id = carefusion.caller());
CREATE POLICY sender ON carefusion.message AS RESTRICTIVE FOR INSERT TO carefusion_provider WITH CHECK (sender_id = carefusion.caller());

GRANT INSERT, UPDATE (state, version) ON carefusion.note TO carefusion_provider;
GRANT SELECT, INSERT ON carefusion.note_version TO carefusion_provider;
GRANT SELECT ON carefusion.note_version TO carefusion_patient;
CREATE POLICY signed ON carefusion.note FOR SELECT TO carefusion_patient USING (patient_id = carefusion.caller() AND state <> 'DRAFT');
CREATE POLICY signed ON carefusion.note_version FOR SELECT TO carefusion_patient USING
  (state <> 'DRAFT' AND EXISTS (SELECT FROM carefusion.note n WHERE n.note_id = note_version.note_id));
CREATE POLICY own ON carefusion.note_version TO carefusion_provider
  USING (EXISTS (SELECT FROM carefusion.note n WHERE n.note_id = note_version.note_id))
  WITH CHECK (author_id = carefusion.caller() AND EXISTS (SELECT FROM carefusion.note n WHERE n.note_id = note_version.note_id));

-- money
GRANT SELECT, INSERT ON carefusion.encounter TO carefusion_provider;
GRANT SELECT ON carefusion.encounter, carefusion.journal, carefusion.ledger_entry TO carefusion_patient, carefusion_billing;
GRANT INSERT ON carefusion.journal, carefusion.ledger_entry TO carefusion_billing;
CREATE POLICY of_provider ON carefusion.encounter TO carefusion_provider USING (provider_id = carefusion.caller()) WITH CHECK (provider_id = carefusion.caller());
CREATE POLICY own ON carefusion.encounter FOR SELECT TO carefusion_patient USING (patient_id = carefusion.caller());
CREATE POLICY own ON carefusion.journal FOR SELECT TO carefusion_patient USING (patient_id = carefusion.caller());
CREATE POLICY own ON carefusion.ledger_entry FOR SELECT TO carefusion_patient USING (patient_id = carefusion.caller());
CREATE POLICY staff ON carefusion.encounter FOR SELECT TO carefusion_billing USING (carefusion.caller() IS NOT NULL);
CREATE POLICY staff ON carefusion.journal TO carefusion_billing USING (carefusion.caller() IS NOT NULL);
CREATE POLICY staff ON carefusion.ledger_entry TO carefusion_billing USING (carefusion.caller() IS NOT NULL);

-- audit
GRANT SELECT ON carefusion.audit_record TO carefusion_admin;
CREATE POLICY staff ON carefusion.audit_record FOR SELECT TO carefusion_admin USING (carefusion.caller() IS NOT NULL);
