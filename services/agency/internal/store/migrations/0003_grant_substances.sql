-- +goose Up

-- The controlled-substance officer has a database group of its own and sees, like everybody, the own agency and its modules.
CREATE POLICY own_substances ON agency.agency FOR SELECT TO agency_substances
    USING (agency_id = current_setting('app.current_agency')::bigint);
CREATE POLICY own_substances ON agency.module_switch FOR SELECT TO agency_substances
    USING (agency_id = current_setting('app.current_agency')::bigint);
GRANT SELECT ON agency.agency, agency.module_switch TO agency_substances;
