-- These run for administrators too, who may read the named columns and no other.

-- name: CountStates :many
SELECT state, count(*)::integer AS claims, nullif(min(worklist_date), 'infinity')::date AS oldest_service_date
FROM billing.claim GROUP BY state ORDER BY state;

-- name: CountMissing :many
SELECT m.code::text AS code, count(*)::integer AS claims, nullif(min(c.worklist_date), 'infinity')::date AS oldest_service_date
FROM billing.claim c, unnest(c.missing_codes) AS m(code)
WHERE c.state = 'DRAFT' GROUP BY m.code ORDER BY claims DESC, m.code;

-- name: CountLevels :many
SELECT level_hcpcs::text AS hcpcs, count(*)::integer AS claims
FROM billing.claim WHERE state IN ('DRAFT', 'READY') AND level_hcpcs IS NOT NULL
GROUP BY level_hcpcs ORDER BY claims DESC, level_hcpcs;

-- name: CountNoBills :many
SELECT no_bill_code::text AS code, count(*)::integer AS claims
FROM billing.claim WHERE state = 'NO_BILL' GROUP BY no_bill_code ORDER BY claims DESC, no_bill_code;
