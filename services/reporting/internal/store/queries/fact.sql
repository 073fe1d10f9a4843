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

-- The newest version of a chart's facts.

-- name: CallFact :one
SELECT agency_id, chart_id, version, seq, arrive_time, unit_notified_time, unit_call_sign, priority, turnout_seconds,
    response_seconds, system_response_seconds, on_scene_seconds, transport_seconds, turnaround_seconds, invalid_intervals,
    cancelled_before_arrival, transported
FROM reporting.call_fact
WHERE chart_id = @chart_id AND superseded_seq IS NULL
ORDER BY seq DESC LIMIT 1;

-- Which agencies are in the rows is decided by the role of the transaction. The reasons of exclusion are tried in the order
-- of their names below; a call has one. Figures of a group without calls are no figures: whoever reads them looks at n.

-- name: Intervals :many
SELECT f.grp::text AS grp,
    count(*) FILTER (WHERE f.reason = '') AS n,
    count(*) FILTER (WHERE f.reason = 'CANCELLED_BEFORE_ARRIVAL') AS cancelled,
    count(*) FILTER (WHERE f.reason = 'NOT_TRANSPORTED') AS not_transported,
    count(*) FILTER (WHERE f.reason = 'TIME_INVALID') AS invalid,
    count(*) FILTER (WHERE f.reason = 'TIME_UNKNOWN') AS unknown,
    coalesce(percentile_cont(0.1) WITHIN GROUP (ORDER BY f.seconds) FILTER (WHERE f.reason = ''), 0)::double precision AS p10,
    coalesce(percentile_cont(0.25) WITHIN GROUP (ORDER BY f.seconds) FILTER (WHERE f.reason = ''), 0)::double precision AS p25,
    coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY f.seconds) FILTER (WHERE f.reason = ''), 0)::double precision AS median,
    coalesce(percentile_cont(0.75) WITHIN GROUP (ORDER BY f.seconds) FILTER (WHERE f.reason = ''), 0)::double precision AS p75,
    coalesce(percentile_cont(0.9) WITHIN GROUP (ORDER BY f.seconds) FILTER (WHERE f.reason = ''), 0)::double precision AS p90,
    coalesce(avg(f.seconds) FILTER (WHERE f.reason = ''), 0)::double precision AS mean
FROM (
    SELECT t.seconds,
        CASE @group_by::text
            WHEN 'unit' THEN coalesce(nullif(t.unit_call_sign, ''), 'unknown')
            WHEN 'priority' THEN coalesce(nullif(t.priority, ''), 'unknown')
            WHEN 'service_type' THEN coalesce(nullif(t.service_type, ''), 'unknown')
            WHEN 'response_mode' THEN coalesce(nullif(t.response_mode, ''), 'unknown')
            WHEN 'day' THEN to_char(t.unit_notified_time AT TIME ZONE @time_zone::text, 'YYYY-MM-DD')
            WHEN 'agency' THEN t.agency_id::text
        END AS grp,
        CASE
            WHEN @needs_arrival::boolean AND t.cancelled_before_arrival THEN 'CANCELLED_BEFORE_ARRIVAL'
            WHEN @needs_transport::boolean AND NOT t.transported THEN 'NOT_TRANSPORTED'
            WHEN @metric::text = ANY (t.invalid_intervals) OR t.seconds < 0 OR t.seconds > @maximum_seconds::integer THEN 'TIME_INVALID'
            WHEN t.seconds IS NULL THEN 'TIME_UNKNOWN'
            ELSE ''
        END AS reason
    FROM (
        SELECT c.agency_id, c.unit_notified_time, c.unit_call_sign, c.priority, c.service_type, c.response_mode,
            c.invalid_intervals, c.cancelled_before_arrival, c.transported,
            CASE @metric::text
                WHEN 'turnout' THEN c.turnout_seconds
                WHEN 'response' THEN c.response_seconds
                WHEN 'systemResponse' THEN c.system_response_seconds
                WHEN 'onScene' THEN c.on_scene_seconds
                WHEN 'transport' THEN c.transport_seconds
                WHEN 'turnaround' THEN c.turnaround_seconds
            END AS seconds
        FROM reporting.call_fact c
        WHERE c.unit_notified_time >= @period_from::timestamptz AND c.unit_notified_time < @period_to::timestamptz
          AND c.seq <= @watermark::bigint AND (c.superseded_seq IS NULL OR c.superseded_seq > @watermark::bigint)
    ) t
) f
GROUP BY f.grp
ORDER BY f.grp COLLATE "C";
