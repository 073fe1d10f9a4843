-- The list has four forms, each driven by the index of its most selective filter: one plan for filters that may be absent
-- would use none of them.

-- name: EntryByEvent :one
SELECT * FROM audit.entry WHERE event_id = @event_id;


-- name: ListEntriesByRequest :many
SELECT * FROM audit.entry
WHERE leaf_index < @before
  AND request_id = @request_id AND request_id <> ''
  AND (@resource::text = '' OR resource = @resource)
  AND (@actor::text = '' OR actor = @actor)
  AND (@stream::smallint = 0 OR stream = @stream)
  AND (@outcome::smallint = 0 OR outcome = @outcome)
  AND (@action_exact::text = '' OR action = @action_exact)
  AND (@action_prefix::text = '' OR starts_with(action, @action_prefix))
  AND occurred_time >= @from_time AND occurred_time < @to_time
ORDER BY leaf_index DESC LIMIT @row_limit;

-- name: ListEntriesByResource :many
SELECT * FROM audit.entry
WHERE leaf_index < @before
  AND resource = @resource AND resource <> ''
  AND (@actor::text = '' OR actor = @actor)
  AND (@request_id::text = '' OR request_id = @request_id)
  AND (@stream::smallint = 0 OR stream = @stream)
  AND (@outcome::smallint = 0 OR outcome = @outcome)
  AND (@action_exact::text = '' OR action = @action_exact)
  AND (@action_prefix::text = '' OR starts_with(action, @action_prefix))
  AND occurred_time >= @from_time AND occurred_time < @to_time
ORDER BY leaf_index DESC LIMIT @row_limit;

-- name: ListEntriesByActor :many
SELECT * FROM audit.entry
WHERE leaf_index < @before
  AND actor = @actor AND actor <> ''
  AND (@resource::text = '' OR resource = @resource)
  AND (@request_id::text = '' OR request_id = @request_id)
  AND (@stream::smallint = 0 OR stream = @stream)
  AND (@outcome::smallint = 0 OR outcome = @outcome)
  AND (@action_exact::text = '' OR action = @action_exact)
  AND (@action_prefix::text = '' OR starts_with(action, @action_prefix))
  AND occurred_time >= @from_time AND occurred_time < @to_time
ORDER BY leaf_index DESC LIMIT @row_limit;

-- name: ListEntries :many
SELECT * FROM audit.entry
WHERE leaf_index < @before
  AND (@stream::smallint = 0 OR stream = @stream)
  AND (@outcome::smallint = 0 OR outcome = @outcome)
  AND (@action_exact::text = '' OR action = @action_exact)
  AND (@action_prefix::text = '' OR starts_with(action, @action_prefix))
  AND occurred_time >= @from_time AND occurred_time < @to_time
ORDER BY leaf_index DESC LIMIT @row_limit;
