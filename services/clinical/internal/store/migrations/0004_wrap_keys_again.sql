-- +goose Up

-- When the key-encryption key is rotated, the owner of the schema wraps every stored key again. The service's own login still
-- cannot change one: whoever takes the login over cannot make charts unreadable.
CREATE POLICY owner_reads ON clinical.agency_key FOR SELECT TO clinical_migrator USING (true);
CREATE POLICY owner_wraps_again ON clinical.agency_key FOR UPDATE TO clinical_migrator USING (true) WITH CHECK (true);
