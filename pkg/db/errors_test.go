package db_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"go.opentelemetry.io/otel"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
)

func TestErrorsGetTheirKind(t *testing.T) {
	d := single(t)
	cases := map[string]struct {
		sql        string
		kind       errs.Kind
		constraint string
	}{
		"unique":  {"INSERT INTO notes_svc.notes VALUES (11, 1, 'Jane Doe')", errs.AlreadyExists, "notes_pkey"},
		"check":   {"INSERT INTO notes_svc.notes VALUES (11, 2, '')", errs.Precondition, "notes_body_check"},
		"policy":  {"INSERT INTO notes_svc.notes VALUES (22, 2, 'Jane Doe')", errs.Denied, ""},
		"text":    {`SELECT convert_from('\x4a616e6500', 'UTF8')`, errs.Invalid, ""},
		"grant":   {"DELETE FROM notes_svc.outbox", errs.Denied, ""},
		"timeout": {"SELECT pg_sleep(5)", errs.Unavailable, ""},
		"no rows": {"SELECT 1 WHERE false", errs.NotFound, ""},
	}
	for name, c := range cases {
		err := d.Write(as("qa", agencyA), func(ctx context.Context, tx *db.Tx) error {
			if name == "no rows" {
				var n int
				return tx.QueryRow(ctx, c.sql).Scan(&n)
			}
			_, err := tx.Exec(ctx, c.sql)
			return fmt.Errorf("store: %w", err)
		})
		if !errs.IsKind(err, c.kind) || db.Constraint(err) != c.constraint {
			t.Errorf("%s: %v, constraint %q", name, err, db.Constraint(err))
		}
		if strings.Contains(fmt.Sprint(err), "Jane") {
			t.Errorf("%s: the error quotes the row: %v", name, err)
		}
	}
	for name, sql := range map[string]string{
		"input":   "SELECT $1::text::date", // invalid input syntax for type date: "Jane Doe"
		"unique":  "INSERT INTO notes_svc.notes VALUES (11, 1, $1)",
		"missing": "SELECT \"Jane Doe\" WHERE $1 <> ''",
	} {
		err := d.Write(as("qa", agencyA), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, sql, "Jane Doe")
			return fmt.Errorf("store: %w", err)
		})
		// The log prints an error and its cause. A mapped error has the cause below; one that is only masked is it.
		cause := errors.Unwrap(err)
		if _, mapped := errs.As(err); !mapped {
			cause = nil
		}
		text := fmt.Sprint(errors.Join(err, cause))
		if strings.Contains(text, "Jane") || !strings.Contains(text, "sqlstate ") || !strings.Contains(text, "store: ") {
			t.Errorf("%s: the log would say %q", name, text)
		}
		var pg *pgconn.PgError
		if !errors.As(err, &pg) || pg.Message == "" {
			t.Errorf("%s: the server's error is lost: %v", name, err)
		}
	}
	own := errs.New(errs.Conflict, "MINE", "mine", errs.WithCause(pgx.ErrNoRows))
	if err := d.Read(as("qa", agencyA), func(context.Context, *db.Tx) error { return own }); !errors.Is(err, own) || errs.Reason(err) != "MINE" {
		t.Errorf("a domain error was changed: %v", err)
	}
	plain := errors.New("plain")
	if err := d.Read(as("qa", agencyA), func(context.Context, *db.Tx) error { return plain }); err != plain { //nolint:errorlint // unchanged is the point
		t.Errorf("a plain error was changed: %v", err)
	}
}

func TestAnAbsentServerIsUnavailable(t *testing.T) {
	d, err := db.Open(t.Context(), db.Config{
		URL: "postgres://x:y@127.0.0.1:1/z", Schema: "notes_svc", Groups: func(r string) (string, bool) { return r, true },
	})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	ctx, cancel := context.WithTimeout(as("qa", agencyA), 5*time.Second)
	defer cancel()
	if err := d.Read(ctx, func(ctx context.Context, tx *db.Tx) error { _, err := agencies(ctx, tx); return err }); !errs.IsKind(err, errs.Unavailable) {
		t.Errorf("%v", err)
	}
	if err := d.Ping(ctx); !errs.IsKind(err, errs.Unavailable) {
		t.Errorf("ping: %v", err)
	}
	for _, bad := range []db.Config{{Schema: "Bad;", Groups: func(string) (string, bool) { return "", false }}, {Schema: "good"}} {
		if _, err := db.Open(t.Context(), bad); err == nil {
			t.Errorf("%+v: accepted", bad.Schema)
		}
	}
}

func TestSpansHoldNoValues(t *testing.T) {
	rec := tracetest.NewInMemoryExporter()
	tp := sdktrace.NewTracerProvider(sdktrace.WithSyncer(rec))
	old := otel.GetTracerProvider()
	otel.SetTracerProvider(tp)
	defer otel.SetTracerProvider(old)
	d := single(t)
	ctx, span := tp.Tracer("test").Start(as("qa", agencyA), "request")
	for range 2 {
		_ = d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			if _, err := tx.Exec(ctx, "INSERT INTO notes_svc.notes VALUES ($1, $2, $3) ON CONFLICT DO NOTHING", agencyA, 77, "Jane Doe"); err != nil {
				return err
			}
			_, err := tx.Exec(ctx, "SELECT $1::text::bigint", "Jane Doe")
			return err
		})
	}
	span.End()
	spans := rec.GetSpans()
	if len(spans) < 5 {
		t.Fatalf("%d spans", len(spans))
	}
	statement := false
	for _, s := range spans {
		if text := fmt.Sprintf("%+v", s); strings.Contains(text, "Jane") {
			t.Errorf("span %s holds a value", s.Name)
		}
		for _, a := range s.Attributes {
			statement = statement || strings.HasPrefix(a.Value.String(), "INSERT INTO notes_svc.notes VALUES ($1")
		}
	}
	if !statement {
		t.Error("no span names the statement")
	}
}
