-- For the query compiler only: the schema itself and its roles are made by bootstrap, before any migration.
CREATE SCHEMA reporting;
