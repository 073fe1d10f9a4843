package bench

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"golang.org/x/mod/sumdb/note"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/services/audit/internal/leaf"
	"github.com/fusionems/quantum/services/audit/internal/store"
	"github.com/fusionems/quantum/services/audit/internal/tlog"
	"github.com/fusionems/quantum/services/audit/internal/trail"
)

const (
	password = "bench-of-the-log"
	// base is the same table without tree, policies and triggers.
	base = `CREATE TABLE audit_base AS TABLE audit.entry WITH NO DATA`
	// entries of one measurement of a side.
	entries = 10_000
)

// Bench is a prepared database.
type Bench struct {
	batch    int
	db       *db.DB
	super    *pgx.Conn
	appender *trail.Appender
	next     int64 // leaf index in the base table
}

// Open prepares an empty database, of which superURL is the superuser's. batch is how many entries share a transaction.
func Open(ctx context.Context, superURL string, batch int) (*Bench, error) {
	b := &Bench{batch: batch}
	if err := b.open(ctx, superURL); err != nil {
		b.Close()
		return nil, err
	}
	return b, nil
}

// Close closes the connections.
func (b *Bench) Close() {
	if b.db != nil {
		b.db.Close()
	}
	if b.super != nil {
		_ = b.super.Close(context.Background())
	}
}

// Append answers how many entries the log takes per second: leaf, tree, checkpoint and all.
func (b *Bench) Append(ctx context.Context) (float64, error) { return b.rate(ctx, b.append) }

// Copy answers how many of the same rows COPY stores per second.
func (b *Bench) Copy(ctx context.Context) (float64, error) { return b.rate(ctx, b.copy) }

func (b *Bench) open(ctx context.Context, superURL string) error {
	if err := db.Bootstrap(ctx, superURL, db.BootstrapConfig{Schema: "audit", LoginPassword: password, MigratorPassword: password}); err != nil {
		return err
	}
	migrator, err := loginURL(superURL, "audit_migrator")
	if err != nil {
		return err
	}
	if err := db.Migrate(ctx, migrator, "audit", store.Migrations); err != nil {
		return err
	}
	login, err := loginURL(superURL, "audit_login")
	if err != nil {
		return err
	}
	if b.super, err = pgx.Connect(ctx, superURL); err != nil {
		return err
	}
	if _, err := b.super.Exec(ctx, base+`; ALTER TABLE audit_base ADD PRIMARY KEY (leaf_index);
CREATE UNIQUE INDEX ON audit_base (event_id); CREATE INDEX ON audit_base (agency_id, leaf_index);
CREATE INDEX ON audit_base (resource, leaf_index) WHERE resource <> ''; CREATE INDEX ON audit_base (actor, leaf_index);
CREATE INDEX ON audit_base (request_id, leaf_index) WHERE request_id <> ''; CREATE INDEX ON audit_base USING brin (occurred_time)`); err != nil {
		return err
	}
	b.db, err = db.Open(ctx, db.Config{URL: login, Schema: "audit", Groups: func(r string) (string, bool) { return r, true }})
	if err != nil {
		return err
	}
	return b.sign()
}

func (b *Bench) sign() error {
	key, _, err := note.GenerateKey(rand.Reader, "bench/audit")
	if err != nil {
		return err
	}
	signer, err := tlog.NewSigner(key)
	if err != nil {
		return err
	}
	b.appender = trail.NewAppender(signer, time.Now, rand.Reader)
	return nil
}

// rate measures one side over batches that are made before the clock starts.
func (b *Bench) rate(ctx context.Context, side func(context.Context, []leaf.Record) error) (float64, error) {
	var batches [][]leaf.Record
	for n := 0; n < entries; n += b.batch {
		batches = append(batches, records(b.batch))
	}
	start := time.Now()
	for _, batch := range batches {
		if err := side(ctx, batch); err != nil {
			return 0, err
		}
	}
	return float64(len(batches)*b.batch) / time.Since(start).Seconds(), nil
}

func (b *Bench) append(ctx context.Context, batch []leaf.Record) error {
	ctx = identity.With(ctx, identity.ForService("audit", 0))
	return b.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return b.appender.Append(ctx, store.In(tx), batch)
	})
}

// copy stores such rows as append does; the leaf is part of the row, making it is not part of the cost.
func (b *Bench) copy(ctx context.Context, batch []leaf.Record) error {
	input := leaf.Encode(batch[0])
	columns := []string{
		"leaf_index", "event_id", "agency_id", "stream", "outcome", "occurred_time", "log_time", "service", "action", "resource",
		"reason", "actor", "actor_kind", "role", "executed_by", "policy_version_id", "request_id", "detail", "salt", "leaf_input",
	}
	_, err := b.super.CopyFrom(ctx, pgx.Identifier{"audit_base"}, columns, pgx.CopyFromSlice(len(batch), func(i int) ([]any, error) {
		r := batch[i]
		b.next++
		var detail any
		var salt []byte
		if len(r.Detail) > 0 {
			detail, salt = string(r.Detail), input[:16]
		}
		return []any{
			b.next, pgtype.UUID{Bytes: r.EventID, Valid: true}, r.AgencyID, int16(r.Stream), int16(r.Outcome), r.OccurredTime, r.OccurredTime, r.Service, r.Action,
			r.Resource, r.Reason, r.Actor, r.ActorKind, r.Role, r.ExecutedBy, r.PolicyVersionID, r.RequestID, detail,
			salt, input,
		}, nil
	}))
	return err
}

// records are like those of the fleet: ids of their own, a hundred agencies, a thousand actors, every fourth with detail.
func records(n int) []leaf.Record {
	list := make([]leaf.Record, n)
	for i := range list {
		id := uuid.Must(uuid.NewV7())
		list[i] = leaf.Record{
			EventID: id, AgencyID: int64(1 + i%100), Stream: leaf.Human, Outcome: leaf.Success, OccurredTime: time.Now(),
			Service: "clinical", Action: "fleet.clinical.v1.ChartService/GetChart", Resource: "charts/" + uuid.NewString(),
			Actor: fmt.Sprintf("6f1b0a52-0000-4000-8000-%012d", i%1000), ActorKind: "human", Role: "clinical_supervisor", RequestID: id.String(),
		}
		if i%4 == 0 {
			list[i].Detail = leaf.EncodeDetail(leaf.Detail{Changes: []leaf.Change{{Field: "state", Before: "open", After: "in review"}}})
		}
	}
	return list
}
