package inbox

import (
	"strings"
)

// statements are those of the machinery, with the schema filled in.
type statements struct {
	claim, park, dead        string
	unpark, unkill           string
	parkedKeys, parkedRows   string
	attempt, deadRow, buried string
	deadList                 string
	modules, switchModule    string
	prune                    string
}

func statementsFor(schema string) statements {
	s := func(text string) string { return strings.ReplaceAll(text, "{schema}", schema) }
	return statements{
		claim: s(`INSERT INTO {schema}.inbox (event_id, agency_id, event_type, stream, stream_seq, state)
SELECT u.*, 'applied' FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::bigint[]) u
ON CONFLICT (event_id) DO NOTHING RETURNING event_id`),
		park: s(`INSERT INTO {schema}.inbox (event_id, agency_id, event_type, stream, stream_seq, module, payload, state)
SELECT u.*, 'parked' FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::bytea[]) u
ON CONFLICT (event_id) DO NOTHING`),
		dead: s(`INSERT INTO {schema}.inbox (event_id, agency_id, event_type, stream, stream_seq, module, payload, attempts, reason, state)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'dead') ON CONFLICT (event_id) DO NOTHING`),
		unpark: s(`UPDATE {schema}.inbox SET state = 'applied', payload = NULL
WHERE event_id = ANY ($1) AND state = 'parked' RETURNING event_id`),
		unkill: s(`UPDATE {schema}.inbox SET state = 'applied', payload = NULL, reason = ''
WHERE event_id = ANY ($1) AND state = 'dead' RETURNING event_id`),
		parkedKeys: s(`SELECT DISTINCT agency_id, module FROM {schema}.inbox WHERE state = 'parked'`),
		parkedRows: s(`SELECT payload, stream, stream_seq, attempts FROM {schema}.inbox
WHERE state = 'parked' AND agency_id = $1 AND module = $2 ORDER BY stream, stream_seq LIMIT $3`),
		attempt: s(`UPDATE {schema}.inbox SET attempts = attempts + 1 WHERE event_id = $1 AND state = 'parked'`),
		buried:  s(`UPDATE {schema}.inbox SET state = 'dead', attempts = $2, reason = $3 WHERE event_id = $1 AND state = 'parked'`),
		deadRow: s(`SELECT payload, stream, stream_seq FROM {schema}.inbox WHERE event_id = $1 AND state = 'dead'`),
		deadList: s(`SELECT event_id, agency_id, event_type, attempts, reason, received_time FROM {schema}.inbox
WHERE state = 'dead' ORDER BY received_time, event_id LIMIT $1`),
		modules: s(`SELECT agency_id, module FROM {schema}.module_state WHERE NOT enabled`),
		switchModule: s(`INSERT INTO {schema}.module_state AS m (agency_id, module, enabled, revision) VALUES ($1, $2, $3, $4)
ON CONFLICT (agency_id, module) DO UPDATE SET enabled = excluded.enabled, revision = excluded.revision, changed_time = now()
WHERE m.revision < excluded.revision`),
		prune: s(`DELETE FROM {schema}.inbox WHERE event_id IN (SELECT event_id FROM {schema}.inbox
WHERE state = 'applied' AND received_time < now() - make_interval(secs => $1) LIMIT $2)`),
	}
}
