-- What an administrator of the cluster runs once per database: roles and the extension. Group roles mirror the roles of a
-- token; the login inherits nothing (it becomes a group for one transaction) and owns nothing.
DO $$
DECLARE r text;
BEGIN
  FOREACH r IN ARRAY ARRAY['carefusion_migrator', 'carefusion_login'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
      EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEROLE NOCREATEDB', r);
    END IF;
  END LOOP;
  FOREACH r IN ARRAY ARRAY['carefusion_patient', 'carefusion_provider', 'carefusion_admin', 'carefusion_billing', 'carefusion_system'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOBYPASSRLS', r);
    END IF;
    EXECUTE format('GRANT %I TO carefusion_login', r);
  END LOOP;
  EXECUTE format('GRANT CREATE, CONNECT ON DATABASE %I TO carefusion_migrator', current_database());
  EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO carefusion_login', current_database());
END $$;
-- Equality of uuid in the exclusion constraint that keeps two patients out of one slot.
CREATE EXTENSION IF NOT EXISTS btree_gist WITH SCHEMA public;
