package pg

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
)

// Database is a database of one test.
type Database struct {
	// URL is the superuser's: for looking behind the curtain.
	URL  string
	Name string
}

// cluster is the one server of the test process and what was made in it.
type cluster struct {
	url       string
	mu        sync.Mutex
	templates map[string]string
	counter   atomic.Int64
}

// shared starts the cluster on first use. It ends with the process (Pdeathsig), not with the first test that used it.
//
//nolint:gochecknoglobals // one cluster per test process is the point
var shared = sync.OnceValues(func() (*cluster, error) {
	c := &cluster{url: os.Getenv("TEST_DATABASE_URL"), templates: map[string]string{}}
	if c.url != "" {
		return c, nil
	}
	s, err := Start(context.Background(), Options{})
	if err != nil {
		return nil, err
	}
	c.url = s.URL("postgres")
	return c, nil
})

// NewDatabase gives t an empty database, dropped afterwards.
func NewDatabase(t testing.TB) *Database {
	t.Helper()
	return fromTemplate(t, "template1")
}

// Service is what a test of a service's store needs to know of it.
type Service struct {
	Schema     string
	Migrations fs.FS
	// Groups maps roles to database groups; nil takes the role's name for the group's.
	Groups func(role string) (string, bool)
}

// LoginPassword is that of the login roles in test databases.
const LoginPassword = "test-login"

// Open gives t a migrated database of the service and the DB of its login role, as the service itself has it. Rows are
// reached as somebody: put a principal into the context with identity.With.
func Open(t testing.TB, svc Service) (*db.DB, *Database) {
	t.Helper()
	d := Migrated(t, svc)
	groups := svc.Groups
	if groups == nil {
		groups = func(role string) (string, bool) { return role, role != "" }
	}
	x, err := db.Open(context.Background(), db.Config{URL: d.As(t, svc.Schema+"_login", LoginPassword), Schema: svc.Schema, Groups: groups})
	if err != nil {
		t.Fatalf("opening the database: %v", err)
	}
	t.Cleanup(x.Close)
	return x, d
}

// Migrated gives t a database with the roles, schema and migrations of the services.
func Migrated(t testing.TB, services ...Service) *Database {
	t.Helper()
	c := theCluster(t)
	name, err := c.template(services)
	if err != nil {
		t.Fatalf("preparing the template database: %v", err)
	}
	return fromTemplate(t, name)
}

// Superuser connects t as superuser, who sees all rows.
func (d *Database) Superuser(t testing.TB) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), d.URL)
	if err != nil {
		t.Fatalf("connecting as superuser: %v", err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}

// As is the URL of the database for a login.
func (d *Database) As(t testing.TB, user, password string) string {
	t.Helper()
	u, err := as(d.URL, user, password)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func as(raw, user, password string) (string, error) {
	u, err := url.Parse(raw)
	if err != nil {
		return "", err
	}
	u.User = url.UserPassword(user, password)
	return u.String(), nil
}

func theCluster(t testing.TB) *cluster {
	t.Helper()
	c, err := shared()
	if err != nil {
		t.Fatalf("starting PostgreSQL: %v", err)
	}
	return c
}

func fromTemplate(t testing.TB, template string) *Database {
	t.Helper()
	c := theCluster(t)
	name := fmt.Sprintf("t_%d_%d", os.Getpid(), c.counter.Add(1))
	// A template must have no other session, its own creation included: one clone at a time.
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.exec("CREATE DATABASE " + name + " TEMPLATE " + template); err != nil {
		t.Fatalf("creating the test database: %v", err)
	}
	t.Cleanup(func() {
		if err := c.exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("dropping the test database: %v", err)
		}
	})
	u, err := c.database(name)
	if err != nil {
		t.Fatal(err)
	}
	return &Database{URL: u, Name: name}
}

func (c *cluster) database(name string) (string, error) {
	u, err := url.Parse(c.url)
	if err != nil {
		return "", err
	}
	u.Path = "/" + name
	return u.String(), nil
}

func (c *cluster) exec(sql string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, sql)
	return err
}

// template makes the migrated template once per process and set of migrations.
func (c *cluster) template(services []Service) (string, error) {
	key, err := fingerprint(services)
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if name, ok := c.templates[key]; ok {
		return name, nil
	}
	name := fmt.Sprintf("template_%d_%s", os.Getpid(), key)
	if err := c.exec("CREATE DATABASE " + name); err != nil {
		return "", err
	}
	for _, s := range services {
		if err := c.migrate(name, s); err != nil {
			return "", err
		}
	}
	c.templates[key] = name
	return name, nil
}

func (c *cluster) migrate(name string, s Service) error {
	ctx := context.Background()
	super, err := c.database(name)
	if err != nil {
		return err
	}
	err = db.Bootstrap(ctx, super, db.BootstrapConfig{Schema: s.Schema, LoginPassword: LoginPassword, MigratorPassword: LoginPassword})
	if err != nil {
		return err
	}
	owner, err := as(super, s.Schema+"_migrator", LoginPassword)
	if err != nil {
		return err
	}
	return db.Migrate(ctx, owner, s.Schema, s.Migrations)
}

func fingerprint(services []Service) (string, error) {
	h := sha256.New()
	for _, s := range services {
		sums, err := db.Checksums(s.Migrations)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(h, s.Schema)
		for _, name := range slices.Sorted(maps.Keys(sums)) {
			fmt.Fprintln(h, name, sums[name])
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:6]), nil
}
