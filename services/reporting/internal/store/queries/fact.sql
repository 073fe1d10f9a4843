-- name: LockFacts :exec
SELECT pg_advisory_xact_lock(hashtextextended('reporting.call_fact', 0));

-- The facts of a chart version: the newest version counts, an older one that arrives later changes nothing.

-- name: PutFact :execrows
WITH arrived AS (
    INSERT INTO reporting.call_fact (agency_id, chart_id, version, arrive_time, unit_notified_time, unit_call_sign, service_type,
        response_mode, priority, dispatch_reason, unit_disposition, transport_disposition, turnout_seconds, response_seconds,
        system_response_seconds, on_scene_seconds, transport_seconds, turnaround_seconds, invalid_intervals,
        cancelled_before_arrival, transported, pediatric)
    SELECT @agency_id, @chart_id, @version, clock_timestamp(), sqlc.narg('unit_notified_time')::timestamptz, @unit_call_sign, @service_type,
        @response_mode, @priority, @dispatch_reason, @unit_disposition, @transport_disposition, sqlc.narg('turnout_seconds'),
        sqlc.narg('response_seconds'), sqlc.narg('system_response_seconds'), sqlc.narg('on_scene_seconds'),
        sqlc.narg('transport_seconds'), sqlc.narg('turnaround_seconds'), @invalid_intervals::text[], @cancelled_before_arrival,
        @transported, sqlc.narg('pediatric')
    WHERE NOT EXISTS (SELECT FROM reporting.call_fact newer
        WHERE newer.agency_id = @agency_id AND newer.chart_id = @chart_id AND newer.version >= @version)
    RETURNING agency_id, chart_id, seq
), superseded AS (
    UPDATE reporting.call_fact f SET superseded_seq = arrived.seq FROM arrived
    WHERE f.agency_id = arrived.agency_id AND f.chart_id = arrived.chart_id AND f.superseded_seq IS NULL
)
SELECT seq FROM arrived;

-- name: LatestMark :one
SELECT seq, arrive_time FROM reporting.call_fact ORDER BY seq DESC LIMIT 1;

-- Which agencies are in the rows is decided by the role of the transaction. The reasons of exclusion are tried in the order
-- of their names below; a call has one. Figures of a group without calls are no figures: whoever reads them looks at n.

-- name: ResponseTime :many
SELECT f.grp::text AS grp,
    count(*) FILTER (WHERE f.reason = '') AS n,
    count(*) FILTER (WHERE f.reason = 'CANCELLED_BEFORE_ARRIVAL') AS cancelled,
    count(*) FILTER (WHERE f.reason = 'TIME_INVALID') AS invalid,
    count(*) FILTER (WHERE f.reason = 'TIME_UNKNOWN') AS unknown,
    coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY f.response_seconds) FILTER (WHERE f.reason = ''), 0)::double precision AS median,
    coalesce(percentile_cont(0.9) WITHIN GROUP (ORDER BY f.response_seconds) FILTER (WHERE f.reason = ''), 0)::double precision AS p90,
    coalesce(avg(f.response_seconds) FILTER (WHERE f.reason = ''), 0)::double precision AS mean
FROM (
    SELECT c.response_seconds,
        CASE @group_by::text
            WHEN 'unit' THEN coalesce(nullif(c.unit_call_sign, ''), 'unknown')
            WHEN 'priority' THEN coalesce(nullif(c.priority, ''), 'unknown')
            WHEN 'service_type' THEN coalesce(nullif(c.service_type, ''), 'unknown')
            WHEN 'response_mode' THEN coalesce(nullif(c.response_mode, ''), 'unknown')
            WHEN 'day' THEN to_char(c.unit_notified_time AT TIME ZONE 'UTC', 'YYYY-MM-DD')
            WHEN 'agency' THEN c.agency_id::text
        END AS grp,
        CASE
            WHEN c.cancelled_before_arrival THEN 'CANCELLED_BEFORE_ARRIVAL'
            WHEN c.response_invalid OR c.response_seconds < 0 OR c.response_seconds > @maximum_seconds::integer THEN 'TIME_INVALID'
            WHEN c.response_seconds IS NULL THEN 'TIME_UNKNOWN'
            ELSE ''
        END AS reason
    FROM reporting.call_fact c
    WHERE c.unit_notified_time >= @period_from::timestamptz AND c.unit_notified_time < @period_to::timestamptz
      AND c.seq <= @watermark::bigint AND (c.superseded_seq IS NULL OR c.superseded_seq > @watermark::bigint)
) f
GROUP BY f.grp
ORDER BY f.grp COLLATE "C";
