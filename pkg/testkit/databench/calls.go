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
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
)

//go:embed migrations/*.sql
var migrations embed.FS

const (
	password = "bench"
	slice    = 400 * time.Millisecond
	many     = 1000
	rowCount = 100_000
)

// Bench is a prepared database.
type Bench struct {
	db    *db.DB
	plain *pgxpool.Pool // as superuser, without policies: the base
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
	if b.plain, err = pgxpool.New(ctx, super); err != nil {
		return nil, err
	}
	if b.db, err = db.Open(ctx, db.Config{URL: login, Schema: "bench", Groups: func(r string) (string, bool) { return r, true }}); err != nil {
		return nil, err
	}
	return b, b.fill(ctx)
}

// Close closes the connections.
func (b *Bench) Close() {
	b.db.Close()
	b.plain.Close()
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
		_, err := b.plain.Exec(ctx, fmt.Sprintf(`INSERT INTO bench.%s SELECT 1 + i %% %d, i, repeat('x', 200) FROM generate_series(0, %d) i`,
			table, agencies, rowCount-1))
		if err != nil {
			return err
		}
	}
	_, err := b.plain.Exec(ctx, "VACUUM ANALYZE")
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

func (b *Bench) readOurs(table string, agencies int) side {
	sql := "SELECT body FROM bench." + table + " WHERE agency_id = $1 AND id = $2"
	return func(ctx context.Context) (float64, error) {
		return perCall(slice, func(i int) error {
			agency, id := place(i, agencies)
			return b.db.ReadOne(in(ctx, agency), func(ctx context.Context, tx *db.Tx) error {
				var body string
				return tx.QueryRow(ctx, sql, agency, id).Scan(&body)
			})
		})
	}
}

func (b *Bench) readPlain(ctx context.Context) (float64, error) {
	return perCall(slice, func(i int) error {
		agency, id := place(i, many)
		var body string
		return b.plain.QueryRow(ctx, "SELECT body FROM bench.plain WHERE agency_id = $1 AND id = $2", agency, id).Scan(&body)
	})
}

// Read compares a single-row read in the caller's role and agency with a plain one.
func (b *Bench) Read(ctx context.Context) (Figure, error) {
	return compare(ctx, Figure{Name: "single-row read with agency and role / plain", Unit: "µs", Budget: 1.4},
		b.readOurs("many", many), b.readPlain)
}

// Agencies compares the same read among 1,000 agencies with that in one.
func (b *Bench) Agencies(ctx context.Context) (Figure, error) {
	return compare(ctx, Figure{Name: "single-row read, 1,000 agencies / one", Unit: "µs", Budget: 1.05},
		b.readOurs("many", many), b.readOurs("one", 1))
}

// Write compares a command (row, event and audit record in one transaction) with a plain insert.
func (b *Bench) Write(ctx context.Context) (Figure, error) {
	return compare(ctx, Figure{Name: "write with outbox and audit / plain insert", Unit: "µs", Budget: 1.8},
		b.write(func(tx *db.Tx) execer { return tx }), b.writePlain)
}

// WriteDeferred does the same with a statement whose result the command does not need.
func (b *Bench) WriteDeferred(ctx context.Context) (Figure, error) {
	return compare(ctx, Figure{Name: "the same, the statement deferred to the commit", Unit: "µs", Budget: 1.8},
		b.write(func(tx *db.Tx) execer { return tx.Deferred() }), b.writePlain)
}

type execer interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

const bodySize = 600

func (b *Bench) write(with func(*db.Tx) execer) side {
	body := strings.Repeat("x", bodySize)
	return func(ctx context.Context) (float64, error) {
		return perCall(slice, func(i int) error {
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
	return perCall(slice, func(i int) error {
		agency, _ := place(i, many)
		_, err := b.plain.Exec(ctx, "INSERT INTO bench.written_plain VALUES ($1, $2, $3)", agency, [16]byte(uuid.Must(uuid.NewV7())), body)
		return err
	})
}
