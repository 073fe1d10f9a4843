-- name: NextAgencyID :one
SELECT nextval('agency.agency_id_seq')::bigint AS agency_id;

-- name: InsertAgency :exec
INSERT INTO agency.agency (agency_id, display_name, state_unique_id, agency_number, state_code, time_zone, state,
    request_id, request_digest, create_time)
VALUES (@agency_id, @display_name, @state_unique_id, @agency_number, @state_code, @time_zone, @state,
    @request_id, @request_digest, @create_time);

-- name: AgencyByID :one
SELECT * FROM agency.agency WHERE agency_id = @agency_id;

-- name: AgencyByRequest :one
SELECT * FROM agency.agency WHERE request_id = @request_id;

-- name: ListAgencies :many
SELECT * FROM agency.agency WHERE agency_id > @after ORDER BY agency_id LIMIT @row_limit;

-- name: ResolveNemsisAgency :many
-- Each identifier alone names an agency, so a document that mixes those of two agencies names both.
SELECT agency_id, (state_code = @state_code)::boolean AS same_state FROM agency.agency
WHERE lower(state_unique_id) = lower(@state_unique_id::text) OR lower(agency_number) = lower(@agency_number::text)
ORDER BY agency_id;
