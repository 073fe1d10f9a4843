package local_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fusionems/quantum/deploy/local"
	"github.com/fusionems/quantum/deploy/local/issuer"
	"github.com/fusionems/quantum/deploy/local/supervise"
	"github.com/fusionems/quantum/pkg/tlsfile"
)

// fakes are played by the test binary under another name: this package is about running a fleet, not about what its
// services do.
var fakes = []string{"audit", "agency", "clinical", "qa", "billing", "reporting", "compliance", "gateway"}

func TestMain(m *testing.M) {
	if slices.Contains(fakes, filepath.Base(os.Args[0])) {
		os.Exit(fake(os.Args[1]))
	}
	os.Exit(m.Run())
}

// fake is a service as far as a launcher can tell: `migrate` succeeds if it is told a database, `serve` answers /readyz.
func fake(command string) int {
	if command == "migrate" {
		if _, err := os.Stat(os.Getenv("FLEET_MIGRATOR_DATABASE_URL_FILE")); err != nil {
			return 1
		}
		return 0
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /readyz", func(http.ResponseWriter, *http.Request) {})
	server := &http.Server{Addr: os.Getenv("FLEET_ADMIN_ADDR"), Handler: mux, ReadHeaderTimeout: time.Second}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	server.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
	if filepath.Base(os.Args[0]) == "gateway" {
		server.Addr = os.Getenv("FLEET_LISTEN_ADDR")
	}
	err := server.ListenAndServeTLS(os.Getenv("FLEET_TLS_CERT_FILE"), os.Getenv("FLEET_TLS_KEY_FILE"))
	if errors.Is(err, http.ErrServerClosed) {
		return 0
	}
	return 1
}

// binaries are the real backbone and the fakes in one directory.
func binaries(t *testing.T) string {
	t.Helper()
	bin := t.TempDir()
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", bin+"/", "./cmd/nats-server", "./cmd/redis-server", "./cmd/issuer")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the backbone: %v\n%s", err, out)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range fakes {
		if err := os.Symlink(self, filepath.Join(bin, name)); err != nil {
			t.Fatal(err)
		}
	}
	return bin
}

func start(t *testing.T, o local.Options) *local.Fleet {
	t.Helper()
	f, err := local.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	stopped := false
	t.Cleanup(func() {
		if !stopped {
			f.Stop()
		}
	})
	return f
}

func pids(f *local.Fleet) map[string]int {
	out := map[string]int{}
	for _, p := range f.Processes() {
		out[p.Name] = p.PID
	}
	return out
}

func TestFleetStartsOnceSurvivesKillsAndLeavesNothing(t *testing.T) {
	// Below /tmp and open to all, since PostgreSQL runs as another user when this test runs as root.
	dir, err := os.MkdirTemp("", "fleet-test-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := local.RemoveData(dir); err != nil {
			t.Error(err)
		}
	})
	options := local.Options{Dir: dir, Bin: binaries(t), NoDemo: true}
	f := start(t, options)
	before := pids(f)
	if len(before) != 12 {
		t.Fatalf("processes = %v, want twelve", before)
	}

	var running *local.RunningError
	if _, err := local.Start(t.Context(), options); !errors.As(err, &running) || running.PID != os.Getpid() {
		t.Errorf("a second start = %v, want a RunningError with this process", err)
	}
	checkEnv(t, f)
	checkPortalClient(t, f)
	checkRedis(t, f)
	checkIdentities(t, f)

	for _, name := range []string{"clinical", "nats", "postgres", "issuer", "gateway"} {
		killAndWait(t, f, name)
	}
	after := pids(f)
	for name, pid := range before {
		killed := slices.Contains([]string{"clinical", "nats", "postgres", "issuer", "gateway"}, name)
		if (after[name] == pid) == killed {
			t.Errorf("%s: process %d then %d, killed: %t", name, pid, after[name], killed)
		}
	}

	f.Stop()
	for name, pid := range after {
		if !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			t.Errorf("%s (process %d) is left", name, pid)
		}
	}
	if pid := local.RunningPID(dir); pid != 0 {
		t.Errorf("after the stop process %d is said to run the fleet", pid)
	}
	again := start(t, options)
	if first, second := f.Env()["GATEWAY_URL"], again.Env()["GATEWAY_URL"]; first != second {
		t.Errorf("the gateway moved from %s to %s", first, second)
	}
	if first, second := f.Env()["DATABASE_URL"], again.Env()["DATABASE_URL"]; first != second {
		t.Error("the database's address or password changed over a restart")
	}
}

func checkEnv(t *testing.T, f *local.Fleet) {
	t.Helper()
	info, err := os.Stat(filepath.Join(f.Dir(), "fleet.env"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("fleet.env: %v, %v", info, err)
	}
	read, err := local.ReadEnv(f.Dir())
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"GATEWAY_URL", "OIDC_ISSUER", "CA_FILE", "DATABASE_URL", "NATS_URL", "REDIS_URL"} {
		if read[key] == "" || read[key] != f.Env()[key] {
			t.Errorf("%s = %q in the file, %q in the fleet", key, read[key], f.Env()[key])
		}
	}
	shell := exec.Command("/bin/sh", "-c", `. "$0"; printf %s "$DATABASE_URL"`, filepath.Join(f.Dir(), "fleet.env"))
	if out, err := shell.Output(); err != nil || string(out) != read["DATABASE_URL"] {
		t.Errorf("a shell reads DATABASE_URL as %q, %v", out, err)
	}
}

// checkIdentities opens the files of each service as the service does, which refuses an authority that speaks for two trust domains.
func checkIdentities(t *testing.T, f *local.Fleet) {
	t.Helper()
	for _, name := range []string{"audit", "agency", "clinical", "qa", "billing", "reporting", "compliance"} {
		env := map[string]string{}
		for _, kv := range f.ServiceEnv(name) {
			k, v, _ := strings.Cut(kv, "=")
			env[k] = v
		}
		if got, want := env["FLEET_TRUST_DOMAIN"], map[bool]string{true: "billing.fusionems.local", false: "fusionems.local"}[name == "billing"]; got != want {
			t.Errorf("%s lives in %s, not in %s", name, got, want)
		}
		if crosses := env["FLEET_TLS_FEDERATED"] != ""; crosses != (name == "billing" || name == "audit") {
			t.Errorf("%s meets others than those of its trust domain: %v", name, crosses)
		}
		s, err := tlsfile.Open(tlsfile.Files{
			Cert: env["FLEET_TLS_CERT_FILE"], Key: env["FLEET_TLS_KEY_FILE"], CA: env["FLEET_TLS_CA_FILE"],
			TrustDomain: env["FLEET_TRUST_DOMAIN"], Federated: env["FLEET_TLS_FEDERATED"],
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if own, err := s.Own(); err != nil || own != name {
			t.Errorf("%s has the certificate of %q, %v", name, own, err)
		}
	}
}

// checkRedis speaks the protocol by hand: TLS and a password are asked for, and keys age.
func checkRedis(t *testing.T, f *local.Fleet) {
	t.Helper()
	u, err := url.Parse(f.Env()["REDIS_URL"])
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(f.Env()["CA_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	conn, err := tls.Dial("tcp", u.Host, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	answers := bufio.NewReader(conn)
	say := func(command string) string {
		words := strings.Fields(command)
		fmt.Fprintf(conn, "*%d\r\n", len(words))
		for _, w := range words {
			fmt.Fprintf(conn, "$%d\r\n%s\r\n", len(w), w)
		}
		line, err := answers.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(line)
	}
	password, _ := u.User.Password()
	if got := say("EXISTS k"); !strings.HasPrefix(got, "-NOAUTH") {
		t.Errorf("without the password = %q, want NOAUTH", got)
	}
	if got := say("AUTH " + password); got != "+OK" {
		t.Fatalf("AUTH = %q", got)
	}
	if got := say("SET k v PX 300"); got != "+OK" {
		t.Fatalf("SET = %q", got)
	}
	for deadline := time.Now().Add(time.Minute); say("EXISTS k") != ":0"; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a key outlived its time")
		}
	}
}

func killAndWait(t *testing.T, f *local.Fleet, name string) {
	t.Helper()
	old := pids(f)[name]
	if err := f.Kill(name); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(2 * time.Minute)
	for {
		i := slices.IndexFunc(f.Processes(), func(s supervise.Status) bool { return s.Name == name })
		s := f.Processes()[i]
		if s.State == supervise.Running && s.PID != old {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s did not come back: %+v", name, s)
		}
		time.Sleep(10 * time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := f.WaitReady(ctx); err != nil {
		t.Fatal(err)
	}
}

func TestStartSaysWhyAServiceDoesNotStart(t *testing.T) {
	dir := t.TempDir()
	bin := binaries(t)
	if err := os.Remove(filepath.Join(bin, "qa")); err != nil {
		t.Fatal(err)
	}
	script := "#!/bin/sh\n[ \"$1\" = migrate ] && exit 0\necho 'qa: FLEET_EXAMPLE is missing' >&2\nexit 1\n"
	if err := os.WriteFile(filepath.Join(bin, "qa"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := local.RemoveData(dir); err != nil {
			t.Error(err)
		}
	})
	_, err := local.Start(t.Context(), local.Options{Dir: dir, Bin: bin, NoDemo: true})
	if err == nil || !strings.Contains(err.Error(), "FLEET_EXAMPLE is missing") {
		t.Errorf("error = %v; want the end of the service's log", err)
	}
	raw, readErr := os.ReadFile(filepath.Join(dir, "state.json"))
	var state local.State
	if readErr != nil || json.Unmarshal(raw, &state) != nil {
		t.Fatal(readErr, string(raw))
	}
	for _, p := range state.Processes {
		if p.PID != 0 {
			t.Errorf("%s is left running after a failed start", p.Name)
		}
	}
}

// checkPortalClient finds the gateway registered where it is now, with the secret that it is told of.
func checkPortalClient(t *testing.T, f *local.Fleet) {
	t.Helper()
	realm, err := issuer.ReadRealm(filepath.Join(f.Dir(), "issuer", "realm.json"))
	if err != nil {
		t.Fatal(err)
	}
	secret, err := os.ReadFile(filepath.Join(f.Dir(), "secrets", "oidc-client"))
	if err != nil {
		t.Fatal(err)
	}
	gateway := f.Env()["GATEWAY_URL"]
	if len(realm.Clients) != 1 {
		t.Fatalf("clients = %+v, want the portal", realm.Clients)
	}
	c := realm.Clients[0]
	if c.ID != "fusionems-portal" || !c.StandardFlow || c.DirectGrants || c.SecretHash != issuer.HashSecret(strings.TrimSpace(string(secret))) ||
		!slices.Equal(c.RedirectURIs, []string{gateway + "/auth/callback"}) || !slices.Equal(c.PostLogoutRedirectURIs, []string{gateway + "/signed-out"}) {
		t.Errorf("the portal is registered as %+v", c)
	}
	if _, err := local.Unlock(t.Context(), f.Dir(), "nobody"); !errors.Is(err, issuer.ErrNoUser) {
		t.Errorf("unlocking nobody: %v", err)
	}
}
