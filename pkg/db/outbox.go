package db

import (
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/outbox"
)

// fewMessages is up to how many messages are inserted as rows of values. Most transactions leave one or two, for which
// arrays cost more than they save; more go as arrays in one statement.
const fewMessages = 4

// outboxSQL holds the statements that fill an outbox: few[n-1] for n messages, many for any number.
type outboxSQL struct {
	few  [fewMessages]string
	many string
}

func outboxFor(schema string) outboxSQL {
	const columns = 5
	into := "INSERT INTO " + quoted(schema, "outbox") + " (event_id, agency_id, nats_subject, payload, traceparent) "
	sql := outboxSQL{many: into + "SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::bytea[], $5::text[])"}
	var values []string
	for n := range fewMessages {
		at := n * columns
		values = append(values, fmt.Sprintf("($%d,$%d,$%d,$%d,$%d)", at+1, at+2, at+3, at+4, at+5))
		sql.few[n] = into + "VALUES " + strings.Join(values, ",")
	}
	return sql
}

// queue adds the statement for the messages to b and says how many statements that are.
func (s outboxSQL) queue(b *pgx.Batch, messages []outbox.Message) int {
	n := len(messages)
	switch {
	case n == 0:
		return 0
	case n <= fewMessages:
		args := make([]any, 0, n*5)
		for _, m := range messages {
			args = append(args, [16]byte(m.ID), m.AgencyID, m.NATSSubject, m.Payload, m.TraceParent)
		}
		b.Queue(s.few[n-1], args...)
		return 1
	}
	ids := make([][16]byte, n)
	agencies := make([]int64, n)
	subjects := make([]string, n)
	payloads := make([][]byte, n)
	traces := make([]string, n)
	for i, m := range messages {
		ids[i], agencies[i], subjects[i], payloads[i], traces[i] = m.ID, m.AgencyID, m.NATSSubject, m.Payload, m.TraceParent
	}
	b.Queue(s.many, ids, agencies, subjects, payloads, traces)
	return 1
}
