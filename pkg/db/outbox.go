package db

import (
	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/outbox"
)

// outboxInsert takes any number of messages as arrays: one statement text, one plan.
func outboxInsert(schema string) string {
	return "INSERT INTO " + quoted(schema, "outbox") + ` (event_id, agency_id, nats_subject, payload, traceparent)
SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::bytea[], $5::text[])`
}

func queueOutbox(b *pgx.Batch, insert string, messages []outbox.Message) {
	n := len(messages)
	ids := make([][16]byte, n)
	agencies := make([]int64, n)
	subjects := make([]string, n)
	payloads := make([][]byte, n)
	traces := make([]string, n)
	for i, m := range messages {
		ids[i], agencies[i], subjects[i], payloads[i], traces[i] = m.ID, m.AgencyID, m.NATSSubject, m.Payload, m.TraceParent
	}
	b.Queue(insert, ids, agencies, subjects, payloads, traces)
}
