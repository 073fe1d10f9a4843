-- name: WrappedKeys :many
SELECT agency_id, version, wrapped FROM clinical.agency_key
WHERE (agency_id, version) > (@agency_id::bigint, @version::int)
ORDER BY agency_id, version
LIMIT @size;

-- name: WrapAgain :execrows
UPDATE clinical.agency_key SET wrapped = @wrapped WHERE agency_id = @agency_id AND version = @version AND wrapped = @before::bytea;
