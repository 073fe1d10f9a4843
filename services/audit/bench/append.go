package bench

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
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

// Result holds entries per second, medians over the rounds.
type Result struct {
	Append, Copy float64
	// Ratio is Append / Copy; the budget is at least Budget.
	Ratio, Budget float64
	Batch         int
}

// String is one line for a report.
func (r Result) String() string {
	verdict := "met"
	if r.Ratio < r.Budget {
		verdict = "MISSED"
	}
	return fmt.Sprintf("audit append / COPY of the same rows, batches of %d: %.0f entries/s, base %.0f, ratio %.2f >= %.2f %s",
		r.Batch, r.Append, r.Copy, r.Ratio, r.Budget, verdict)
}

// Options of a run; the zero value is the usual one.
type Options struct{ Rounds, Entries, Batch int }

const (
	budget   = 0.5
	password = "bench-of-the-log"
	// base is the same table without tree, policies and triggers.
	base = `CREATE TABLE audit_base AS TABLE audit.entry WITH NO DATA`
)

// bench is a prepared database.
type bench struct {
	opts     Options
	db       *db.DB
	super    *pgx.Conn
	appender *trail.Appender
	next     int64 // leaf index in the base table
}

// Append measures in an empty database, of which superURL is the superuser's.
func Append(ctx context.Context, superURL string, opts Options) (Result, error) {
	b := &bench{opts: Options{
		Rounds: orElse(opts.Rounds, 5), Entries: orElse(opts.Entries, 20_000), Batch: orElse(opts.Batch, 500),
	}}
	if err := b.open(ctx, superURL); err != nil {
		return Result{}, err
	}
	defer b.db.Close()
	defer func() { _ = b.super.Close(context.WithoutCancel(ctx)) }()
	var ours, copies []float64
	for i := range b.opts.Rounds + 1 {
		sides := []func() error{
			func() error { return b.round(ctx, &ours, b.append) }, func() error { return b.round(ctx, &copies, b.copy) },
		}
		if i%2 == 1 {
			slices.Reverse(sides)
		}
		for _, side := range sides {
			if err := side(); err != nil {
				return Result{}, err
			}
		}
		if i == 0 {
			ours, copies = nil, nil // the first round warms up
		}
	}
	r := Result{Append: median(ours), Copy: median(copies), Budget: budget, Batch: b.opts.Batch}
	r.Ratio = r.Append / r.Copy
	return r, nil
}

func orElse(n, usual int) int {
	if n == 0 {
		return usual
	}
	return n
}

func (b *bench) open(ctx context.Context, superURL string) error {
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

func (b *bench) sign() error {
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

// round measures one side over batches that are made before the clock starts.
func (b *bench) round(ctx context.Context, to *[]float64, side func(context.Context, []leaf.Record) error) error {
	var batches [][]leaf.Record
	for n := 0; n < b.opts.Entries; n += b.opts.Batch {
		batches = append(batches, records(b.opts.Batch))
	}
	start := time.Now()
	for _, batch := range batches {
		if err := side(ctx, batch); err != nil {
			return err
		}
	}
	*to = append(*to, float64(len(batches)*b.opts.Batch)/time.Since(start).Seconds())
	return nil
}

func (b *bench) append(ctx context.Context, batch []leaf.Record) error {
	ctx = identity.With(ctx, identity.ForService("audit", 0))
	return b.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return b.appender.Append(ctx, store.In(tx), batch)
	})
}

// copy stores such rows as append does; the leaf is part of the row, making it is not part of the cost.
func (b *bench) copy(ctx context.Context, batch []leaf.Record) error {
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

func median(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}
