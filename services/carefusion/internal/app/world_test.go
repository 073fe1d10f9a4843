package app_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/base32"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log/slog"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/services/carefusion/internal/app"
	"github.com/fusionems/quantum/services/carefusion/internal/config"
	"github.com/fusionems/quantum/services/carefusion/internal/issuer"
	"github.com/fusionems/quantum/services/carefusion/internal/postgres"
	"github.com/fusionems/quantum/services/carefusion/internal/room"
	"github.com/fusionems/quantum/services/carefusion/internal/seal"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
)

const audience = "carefusion"

var superURL string

// TestMain runs one PostgreSQL for all tests of the package; each test has a database of its own.
func TestMain(m *testing.M) {
	superURL = os.Getenv("TEST_DATABASE_URL")
	stop := func() {}
	if superURL == "" {
		dir, err := os.MkdirTemp("", "carefusion-pg-")
		if err != nil {
			panic(err)
		}
		s, err := postgres.Start(context.Background(), dir, false)
		if err != nil {
			panic(err)
		}
		superURL = s.URL
		stop = func() { _ = s.Stop(); _ = os.RemoveAll(dir) }
	}
	code := m.Run()
	if name, err := template(); err == nil {
		_ = execute(context.Background(), superURL, "DROP DATABASE "+name+" WITH (FORCE)")
	}
	stop()
	_ = os.RemoveAll(binaryDir)
	os.Exit(code)
}

// clock is real time that a test can move.
type clock struct {
	mu     sync.Mutex
	offset time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.offset)
}

func (c *clock) to(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset = time.Until(t)
}

type user struct {
	subject      uuid.UUID
	role, secret string
	token        string
	expires      time.Time
}

// world is a running service with its people.
type world struct {
	t      *testing.T
	clock  *clock
	room   *fakeRoom
	app    *app.App
	cfg    config.Config
	users  map[string]*user
	client *http.Client
	base   string
	// db is the superuser's URL of the test's database: to look behind the curtain.
	db string
}

func as(t *testing.T, base, user, database string) string {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	if user != "" {
		u.User = url.User(user)
	}
	u.Path = "/" + database
	return u.String()
}

// template is a database that has roles and schema already, made once; the tests copy it.
var template = sync.OnceValues(func() (string, error) {
	ctx := context.Background()
	name := "template" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if err := execute(ctx, superURL, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	if err := execute(ctx, inDatabase(superURL, name), store.Roles()); err != nil {
		return "", err
	}
	u, err := url.Parse(inDatabase(superURL, name))
	if err != nil {
		return "", err
	}
	u.User = url.User("carefusion_migrator")
	_, err = store.Migrate(ctx, u.String())
	return name, err
})

func execute(ctx context.Context, url, sql string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, sql)
	return err
}

func inDatabase(base, name string) string {
	u, err := url.Parse(base)
	if err != nil {
		return base
	}
	u.Path = "/" + name
	return u.String()
}

// database makes a database with roles and schema, as an operator would. Rights on a database are not copied with it.
func database(t *testing.T) string {
	t.Helper()
	ctx := context.Background()
	from, err := template()
	if err != nil {
		t.Fatal(err)
	}
	name := "t" + strings.ReplaceAll(uuid.NewString(), "-", "")
	if err := execute(ctx, superURL, "CREATE DATABASE "+name+" TEMPLATE "+from); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := execute(ctx, superURL, "DROP DATABASE "+name+" WITH (FORCE)"); err != nil {
			t.Error(err)
		}
	})
	if err := execute(ctx, inDatabase(superURL, name), store.Roles()); err != nil {
		t.Fatal(err)
	}
	return inDatabase(superURL, name)
}

var given sync.Map

// free is an address that nobody has, and that no other call was given: whoever is told of it listens there later.
func free(t *testing.T) string {
	t.Helper()
	for {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		addr := l.Addr().String()
		_ = l.Close()
		if _, before := given.LoadOrStore(addr, true); !before {
			return addr
		}
	}
}

func file(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func newWorld(t *testing.T, patients int) *world {
	t.Helper()
	return newWorldOf(t, setup{patients: patients})
}

// setup is what differs between worlds.
type setup struct {
	patients int
	// recorder makes recording possible.
	recorder room.Recorder
	// without leaves out the video server that has no video; settings then name another one, or none.
	without  bool
	settings map[string]string
}

// newWorldWith records if there is a recorder.
func newWorldWith(t *testing.T, patients int, recorder room.Recorder) *world {
	t.Helper()
	return newWorldOf(t, setup{patients: patients, recorder: recorder})
}

func newWorldOf(t *testing.T, s setup) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{}, users: map[string]*user{}, db: database(t), room: newFakeRoom()}
	dir := t.TempDir()
	cert, key := selfSigned(t)
	settings := map[string]string{
		"LISTEN_ADDR": free(t), "ADMIN_ADDR": free(t), "TLS_CERT_FILE": file(t, dir, "cert.pem", cert), "TLS_KEY_FILE": file(t, dir, "key.pem", key),
		"DATABASE_URL_FILE": file(t, dir, "url", []byte(as(t, w.db, "carefusion_login", strings.TrimPrefix(mustURL(t, w.db).Path, "/")))),
		"DATA_KEY_FILE":     file(t, dir, "data.key", []byte(seal.NewKey())), "ISSUER": "https://carefusion.test" + issuer.Path,
		"LOCAL_REALM_FILE": file(t, dir, "realm.json", w.realm(s.patients)), "LOCAL_KEY_FILE": filepath.Join(dir, "issuer.pem"),
		"RECORDING": strconv.FormatBool(s.recorder != nil), "RATE_PER_ADDRESS": "100000", "RATE_PER_SUBJECT": "100000",
	}
	maps.Copy(settings, s.settings)
	w.cfg = load(t, settings)
	parts := app.Parts{Log: slog.New(slog.NewTextHandler(testLog{t}, nil)), Clock: w.clock.now, Recorder: s.recorder}
	if !s.without {
		parts.Room = w.room
	}
	w.app = w.run(w.cfg, parts)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	w.client = &http.Client{Timeout: 60 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64, TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13}}}
	w.base = "https://" + w.cfg.ListenAddr
	w.await(w.cfg)
	return w
}

// run runs a service until the test is over.
func (w *world) run(cfg config.Config, parts app.Parts) *app.App {
	w.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	a, err := app.New(ctx, cfg, parts)
	if err != nil {
		cancel()
		w.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	w.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Errorf("the service ended with %v", err)
		}
		a.Close()
	})
	return a
}

// beside runs a second service with the same clock and no video, to which calls go from now on.
func (w *world) beside(cfg config.Config) {
	w.t.Helper()
	w.run(cfg, app.Parts{Log: slog.New(slog.NewTextHandler(testLog{w.t}, nil)), Clock: w.clock.now})
	w.base = "https://" + cfg.ListenAddr
	w.await(cfg)
}

func mustURL(t *testing.T, s string) *url.URL {
	t.Helper()
	u, err := url.Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func load(t *testing.T, settings map[string]string) config.Config {
	t.Helper()
	var environ []string
	for k, v := range settings {
		environ = append(environ, "CAREFUSION_"+k+"="+v)
	}
	cfg, err := config.Load(environ)
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func (w *world) realm(patients int) []byte {
	names := map[string]string{"provider": "provider", "colleague": "provider", "admin": "admin", "billing": "billing"}
	for i := range patients {
		names[fmt.Sprintf("patient%d", i)] = "patient"
	}
	realm := issuer.Realm{Clients: []issuer.Client{{ID: "test", Direct: true}}}
	for name, role := range names {
		secret := make([]byte, 20)
		_, _ = rand.Read(secret)
		u := &user{subject: uuid.New(), role: role, secret: base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(secret)}
		hash, err := issuer.HashPassword("password of "+name, secret, 1)
		if err != nil {
			w.t.Fatal(err)
		}
		w.users[name] = u
		realm.Users = append(realm.Users, issuer.User{Subject: u.subject, Username: name, Role: role, Salt: secret, Iterations: 1, Hash: hash, TOTP: u.secret})
	}
	text, err := json.Marshal(realm)
	if err != nil {
		w.t.Fatal(err)
	}
	return text
}

func (w *world) await(cfg config.Config) {
	w.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if res, err := http.Get("http://" + cfg.AdminAddr + "/readyz"); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
	}
	w.t.Fatal("the service is not ready")
}

// token logs in with password and code, as a person would, and again when the token is over.
func (w *world) token(name string) string {
	w.t.Helper()
	u := w.users[name]
	if u.token != "" && w.clock.now().Before(u.expires) {
		return u.token
	}
	code, err := issuer.Code(u.secret, w.clock.now())
	if err != nil {
		w.t.Fatal(err)
	}
	res, err := w.client.PostForm(w.base+issuer.Path+"/protocol/openid-connect/token", url.Values{"grant_type": {"password"}, "client_id": {"test"},
		"username": {name}, "password": {"password of " + name}, "totp": {code}})
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	var out struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(res.Body).Decode(&out); err != nil || res.StatusCode != http.StatusOK {
		w.t.Fatalf("login of %s: %d %v", name, res.StatusCode, err)
	}
	u.token, u.expires = out.Token, w.clock.now().Add(14*time.Minute)
	return u.token
}

// behind runs a statement as the superuser and answers one value.
func (w *world) behind(sql string, args ...any) any {
	w.t.Helper()
	conn, err := pgx.Connect(context.Background(), w.db)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	var out any
	if err := conn.QueryRow(context.Background(), sql, args...).Scan(&out); err != nil {
		w.t.Fatalf("%s: %v", sql, err)
	}
	return out
}

type testLog struct{ t *testing.T }

// Write shows what went wrong inside; calls that were answered are noise.
func (l testLog) Write(b []byte) (int, error) {
	if strings.Contains(string(b), "level=ERROR") {
		fmt.Fprint(os.Stderr, l.t.Name(), ": ", string(b))
	}
	return len(b), nil
}

func selfSigned(t *testing.T) (cert, key []byte) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs})
}
