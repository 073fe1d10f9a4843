-- The draft of a chart: the first one makes the claim, one of a later chart version replaces it, any other changes nothing
-- and returns no row. Each draft is kept as a revision.

-- name: PutDraft :one
WITH put AS (
    INSERT INTO billing.claim AS c (agency_id, id, chart_id, chart_version, revision, state, service_date, missing_codes,
        no_bill_code, draft, policy_key, policy_version, policy_sha256, create_time, update_time)
    VALUES (@agency_id, @id, @chart_id, @chart_version, 1, @state, sqlc.narg('service_date'), @missing_codes,
        sqlc.narg('no_bill_code'), @draft, @policy_key, @policy_version, @policy_sha256, @now, @now)
    ON CONFLICT ON CONSTRAINT claim_of_chart DO UPDATE SET
        chart_version = excluded.chart_version, revision = c.revision + 1, state = excluded.state,
        service_date = excluded.service_date, missing_codes = excluded.missing_codes, no_bill_code = excluded.no_bill_code,
        draft = excluded.draft, policy_key = excluded.policy_key, policy_version = excluded.policy_version,
        policy_sha256 = excluded.policy_sha256, update_time = excluded.update_time
    WHERE c.chart_version < excluded.chart_version AND c.state IN ('DRAFT', 'READY', 'NO_BILL')
    RETURNING c.agency_id, c.id, c.revision, c.chart_version, c.draft, c.policy_key, c.policy_version, c.policy_sha256, c.update_time
)
INSERT INTO billing.claim_revision (agency_id, claim_id, revision, chart_version, draft, policy_key, policy_version, policy_sha256, create_time)
SELECT * FROM put
RETURNING claim_id, revision;

-- name: GetClaim :one
SELECT agency_id, id, chart_id, chart_version, draft, policy_key, policy_version, policy_sha256, create_time, update_time
FROM billing.claim WHERE id = @id;

-- name: ListClaims :many
SELECT agency_id, id, chart_id, chart_version, draft, policy_key, policy_version, policy_sha256, create_time, update_time
FROM billing.claim
WHERE (sqlc.narg('chart_id')::uuid IS NULL OR chart_id = sqlc.narg('chart_id')::uuid)
  AND (sqlc.narg('state')::text IS NULL OR state = sqlc.narg('state')::text)
  AND (sqlc.narg('missing_code')::text IS NULL OR sqlc.narg('missing_code')::text = ANY (missing_codes))
  AND (sqlc.narg('before')::uuid IS NULL OR id < sqlc.narg('before')::uuid)
ORDER BY id DESC
LIMIT @rows;

-- name: ListClaimsOldest :many
SELECT agency_id, id, chart_id, chart_version, draft, policy_key, policy_version, policy_sha256, create_time, update_time
FROM billing.claim
WHERE (sqlc.narg('chart_id')::uuid IS NULL OR chart_id = sqlc.narg('chart_id')::uuid)
  AND (sqlc.narg('state')::text IS NULL OR state = sqlc.narg('state')::text)
  AND (sqlc.narg('missing_code')::text IS NULL OR sqlc.narg('missing_code')::text = ANY (missing_codes))
  AND (sqlc.narg('after')::uuid IS NULL OR id > sqlc.narg('after')::uuid)
ORDER BY id
LIMIT @rows;

-- name: ListClaimsByDate :many
SELECT agency_id, id, chart_id, chart_version, draft, policy_key, policy_version, policy_sha256, create_time, update_time
FROM billing.claim
WHERE (sqlc.narg('chart_id')::uuid IS NULL OR chart_id = sqlc.narg('chart_id')::uuid)
  AND (sqlc.narg('missing_code')::text IS NULL OR sqlc.narg('missing_code')::text = ANY (missing_codes))
  AND (sqlc.narg('after')::uuid IS NULL OR
       (worklist_date, id) > (coalesce(sqlc.narg('after_date')::date, 'infinity'), sqlc.narg('after')::uuid))
ORDER BY worklist_date, id
LIMIT @rows;

-- name: ListClaimsOfStateByDate :many
-- Beside ListClaimsByDate, so that claims which are done are not passed on the way to what waits, whatever plan the server keeps.
SELECT agency_id, id, chart_id, chart_version, draft, policy_key, policy_version, policy_sha256, create_time, update_time
FROM billing.claim
WHERE state = @state::text
  AND (sqlc.narg('chart_id')::uuid IS NULL OR chart_id = sqlc.narg('chart_id')::uuid)
  AND (sqlc.narg('missing_code')::text IS NULL OR sqlc.narg('missing_code')::text = ANY (missing_codes))
  AND (sqlc.narg('after')::uuid IS NULL OR
       (worklist_date, id) > (coalesce(sqlc.narg('after_date')::date, 'infinity'), sqlc.narg('after')::uuid))
ORDER BY worklist_date, id
LIMIT @rows;
