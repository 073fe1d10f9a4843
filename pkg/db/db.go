package db

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Config says which database to open and how roles of the permission matrix become database roles.
type Config struct {
	// URL connects as <schema>_login.
	URL string
	// Renewed answers the URL as it is now, and is asked before each new connection: a credential that was rotated is used without a
	// restart. nil means that URL stays as it is. Only user and password are taken from it.
	Renewed func() (string, error)
	// Schema is the service's schema; its database roles are named <schema>_<group>.
	Schema string
	// Groups maps a role of the permission matrix to the suffix of a database role, e.g. "qa_reviewer" to "qa".
	Groups func(role string) (group string, ok bool)
	// MaxConns is the size of the pool; 0 means 16.
	MaxConns int32
	// StatementTimeout ends a statement that runs longer; 0 means 15 s.
	StatementTimeout time.Duration
	// Now gives the time of events; nil means time.Now.
	Now func() time.Time
}

const (
	defaultMaxConns         = 16
	defaultStatementTimeout = 15 * time.Second
	lockTimeout             = 5 * time.Second
	idleInTransaction       = 30 * time.Second
	rollbackTimeout         = 5 * time.Second
)

// schemaName is what a schema may be called: it becomes part of role names and of SQL text.
var schemaName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,30}$`)

// DB gives transactions in a service's schema.
type DB struct {
	pool   *pgxpool.Pool
	schema string
	groups func(role string) (string, bool)
	outbox outboxSQL
	wake   chan struct{}
	now    func() time.Time
}

// Open connects lazily: an unreachable server shows in Ping and in the first transaction, not here.
func Open(ctx context.Context, cfg Config) (*DB, error) {
	if !schemaName.MatchString(cfg.Schema) {
		return nil, fmt.Errorf("db: schema %q must match %s", cfg.Schema, schemaName)
	}
	if cfg.Groups == nil {
		return nil, errors.New("db: Config.Groups is required")
	}
	pc, err := poolConfig(cfg)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, pc)
	if err != nil {
		return nil, fmt.Errorf("db: opening the pool: %w", err)
	}
	now := cfg.Now
	if now == nil {
		now = time.Now
	}
	return &DB{
		now:    now,
		pool:   pool,
		schema: cfg.Schema,
		groups: cfg.Groups,
		outbox: outboxFor(cfg.Schema),
		wake:   make(chan struct{}, 1),
	}, nil
}

func poolConfig(cfg Config) (*pgxpool.Config, error) {
	pc, err := pgxpool.ParseConfig(cfg.URL)
	if err != nil {
		// pgx redacts the password, but the rest of the URL need not be in a log either.
		return nil, errors.New("db: the database URL does not parse")
	}
	pc.MaxConns = cfg.MaxConns
	if pc.MaxConns == 0 {
		pc.MaxConns = defaultMaxConns
	}
	pc.MinIdleConns = 1
	timeout := cfg.StatementTimeout
	if timeout == 0 {
		timeout = defaultStatementTimeout
	}
	run := pc.ConnConfig.RuntimeParams
	run["application_name"] = cfg.Schema
	run["timezone"] = "UTC"
	run["statement_timeout"] = millis(timeout)
	run["lock_timeout"] = millis(lockTimeout)
	run["idle_in_transaction_session_timeout"] = millis(idleInTransaction)
	pc.ConnConfig.Tracer = newTracer(cfg.Schema)
	if cfg.Renewed != nil {
		pc.BeforeConnect = renewedCredentials(cfg.Renewed)
	}
	return pc, nil
}

func millis(d time.Duration) string { return fmt.Sprintf("%d", d.Milliseconds()) }

// Close waits for the connections in use and closes the pool.
func (d *DB) Close() { d.pool.Close() }

// Schema is the name of the service's schema.
func (d *DB) Schema() string { return d.schema }

// Ping says whether the server answers.
func (d *DB) Ping(ctx context.Context) error {
	return Map(d.pool.Ping(ctx))
}

// Stats are figures of the pool for the metrics of the service.
type Stats struct {
	Max, Total, InUse int32
	Waits             int64
}

// Stats returns the state of the pool.
func (d *DB) Stats() Stats {
	s := d.pool.Stat()
	return Stats{Max: s.MaxConns(), Total: s.TotalConns(), InUse: s.AcquiredConns(), Waits: s.EmptyAcquireCount()}
}

// signal wakes the relay of this process without waiting for it.
func (d *DB) signal() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

type inTransaction struct{}

// InTransaction says whether ctx was handed to the function of a running transaction. Clients of other services refuse to
// call then: no remote call happens while rows are locked.
func InTransaction(ctx context.Context) bool {
	return ctx.Value(inTransaction{}) != nil
}

// quoted is an identifier as SQL text.
func quoted(parts ...string) string { return pgx.Identifier(parts).Sanitize() }
