package databench

import (
	"context"
	"embed"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/testkit/ratio"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
)

//go:embed migrations/*.sql
var migrations embed.FS

const (
	password = "bench"
	slice    = 60 * time.Millisecond
	rounds   = 41
	many     = 1000
	rowCount = 100_000
)

// Bench is a prepared database.
type Bench struct {
	db    *db.DB
	plain *pgxpool.Pool // the base: the same login with the same timeouts, but neither role nor agency nor policies
	super *pgxpool.Pool // fills and empties tables
}

// Open prepares the schema "bench" in an empty database. url is the superuser's.
func Open(ctx context.Context, super string) (*Bench, error) {
	err := db.Bootstrap(ctx, super, db.BootstrapConfig{Schema: "bench", LoginPassword: password, MigratorPassword: password})
	if err != nil {
		return nil, err
	}
	owner, err := as(super, "bench_migrator")
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(ctx, owner, "bench", migrations); err != nil {
		return nil, err
	}
	login, err := as(super, "bench_login")
	if err != nil {
		return nil, err
	}
	b := &Bench{}
	if b.super, err = pgxpool.New(ctx, super); err != nil {
		return nil, err
	}
	if b.plain, err = plain(ctx, login); err != nil {
		return nil, err
	}
	if b.db, err = db.Open(ctx, db.Config{URL: login, Schema: "bench", Groups: func(r string) (string, bool) { return r, true }}); err != nil {
		return nil, err
	}
	return b, b.fill(ctx)
}

// plain opens a pool whose sessions have timeouts too: each statement pays for them, whoever runs it.
func plain(ctx context.Context, login string) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(login)
	if err != nil {
		return nil, err
	}
	for _, timeout := range []string{"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"} {
		cfg.ConnConfig.RuntimeParams[timeout] = "15s"
	}
	return pgxpool.NewWithConfig(ctx, cfg)
}

// Close closes the connections.
func (b *Bench) Close() {
	b.db.Close()
	b.plain.Close()
	b.super.Close()
}

func as(super, user string) (string, error) {
	u, err := url.Parse(super)
	if err != nil {
		return "", err
	}
	u.User = url.UserPassword(user, password)
	return u.String(), nil
}

func (b *Bench) fill(ctx context.Context) error {
	for table, agencies := range map[string]int{"plain": many, "many": many, "one": 1} {
		_, err := b.super.Exec(ctx, fmt.Sprintf(`INSERT INTO bench.%s SELECT 1 + i %% %d, i, repeat('x', 200) FROM generate_series(0, %d) i`,
			table, agencies, rowCount-1))
		if err != nil {
			return err
		}
	}
	_, err := b.super.Exec(ctx, "VACUUM ANALYZE")
	return err
}

func in(ctx context.Context, agency int64) context.Context {
	return identity.With(ctx, identity.Principal{Subject: "bench", Actor: identity.Human, ActingRole: "qa", AgencyID: agency})
}

// place spreads the calls over the rows of n agencies.
func place(i, n int) (agency, id int64) {
	at := i * 7919 % rowCount
	return int64(1 + at%n), int64(at)
}

func (b *Bench) readOurs(table string, agencies int) ratio.Side {
	sql := "SELECT body FROM bench." + table + " WHERE agency_id = $1 AND id = $2"
	return func(ctx context.Context) (float64, error) {
		return ratio.PerCall(slice, func(i int) error {
			agency, id := place(i, agencies)
			return b.db.ReadOne(in(ctx, agency), func(ctx context.Context, tx *db.Tx) error {
				var body string
				return tx.QueryRow(ctx, sql, agency, id).Scan(&body)
			})
		})
	}
}

func (b *Bench) readPlain(ctx context.Context) (float64, error) {
	return ratio.PerCall(slice, func(i int) error {
		agency, id := place(i, many)
		var body string
		return b.plain.QueryRow(ctx, "SELECT body FROM bench.plain WHERE agency_id = $1 AND id = $2", agency, id).Scan(&body)
	})
}

// Read compares a single-row read in the caller's role and agency with a plain one.
func (b *Bench) Read(ctx context.Context) (ratio.Figure, error) {
	return ratio.Figure{
		Name: "single-row read with agency and role / plain", Unit: "µs", Rounds: rounds, Most: 1.4,
		// Each step was measured alone, on PostgreSQL 15: its profile shows AtEOXact_GUC and ReportChangedGUCOptions.
		Cause: "of what is above 1, a batch of pgx is about 0.1, a second statement in it 0.1, set_config 0.2 (PostgreSQL 15 walks through all its settings after a transaction that changed one) and the change of role 0.1",
	}.Compare(ctx, b.readOurs("many", many), b.readPlain)
}

// Agencies compares the same read among 1,000 agencies with that in one.
func (b *Bench) Agencies(ctx context.Context) (ratio.Figure, error) {
	return ratio.Figure{Name: "single-row read, 1,000 agencies / one", Unit: "µs", Rounds: rounds, Most: 1.05}.
		Compare(ctx, b.readOurs("many", many), b.readOurs("one", 1))
}

// Write compares a command (row, event and audit record in one transaction) with a plain insert.
func (b *Bench) Write(ctx context.Context) (ratio.Figure, error) {
	return ratio.Figure{Name: "write with outbox and audit / plain insert", Unit: "µs", Rounds: rounds, Most: 1.8}.
		Compare(ctx, b.write(func(tx *db.Tx) execer { return tx.Deferred() }), b.writePlain)
}

// WriteWithResult does the same with a statement whose result the command waits for before it goes on.
func (b *Bench) WriteWithResult(ctx context.Context) (ratio.Figure, error) {
	return ratio.Figure{
		Name: "the same, the command waits for its statement's result", Unit: "µs", Rounds: rounds, Most: 1.8,
		Cause: "a second round trip; db.Tx.Deferred saves it where nobody needs the result",
	}.Compare(ctx, b.write(func(tx *db.Tx) execer { return tx }), b.writePlain)
}

type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

const bodySize = 600

func (b *Bench) write(with func(*db.Tx) execer) ratio.Side {
	body := strings.Repeat("x", bodySize)
	return func(ctx context.Context) (float64, error) {
		return ratio.PerCall(slice, func(i int) error {
			agency, _ := place(i, many)
			ctx, _ := audit.Start(in(ctx, agency), "bench", "fleet.bench.v1.Bench/Write", time.Now)
			return b.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
				tx.Emit("rows/1", &auditv1.PolicyActivated{Key: "bench"})
				_, err := with(tx).Exec(ctx, "INSERT INTO bench.written VALUES ($1, $2, $3)", agency, [16]byte(uuid.Must(uuid.NewV7())), body)
				return err
			})
		})
	}
}

func (b *Bench) writePlain(ctx context.Context) (float64, error) {
	body := strings.Repeat("x", bodySize)
	return ratio.PerCall(slice, func(i int) error {
		agency, _ := place(i, many)
		_, err := b.plain.Exec(ctx, "INSERT INTO bench.written_plain VALUES ($1, $2, $3)", agency, [16]byte(uuid.Must(uuid.NewV7())), body)
		return err
	})
}
