package local

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fusionems/quantum/services/carefusion/internal/issuer"
)

// folder is one that the user of PostgreSQL can reach: those that the test framework makes may not be entered by others.
func folder(t *testing.T) Layout {
	t.Helper()
	dir, err := os.MkdirTemp("", "carefusion-local-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o711); err != nil {
		t.Fatal(err)
	}
	l, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return l
}

func TestLoginsAreMadeOnceAndTheRealmTakesThem(t *testing.T) {
	l := folder(t)
	if _, err := l.People(); err == nil {
		t.Error("logins before the first start")
	}
	first, err := l.people()
	if err != nil {
		t.Fatal(err)
	}
	second, err := l.People()
	if err != nil || second.Password != first.Password || len(second.Users) != len(cast()) || second.Users[0].TOTP != first.Users[0].TOTP {
		t.Errorf("a second start has other logins: %v", err)
	}
	if err := l.realm(first, "https://127.0.0.1:1"); err != nil {
		t.Fatal(err)
	}
	realm, err := issuer.ReadRealm(l.path("secrets", "realm.json"))
	if err != nil || len(realm.Users) != len(first.Users) || realm.Clients[0].RedirectURIs[0] != "https://127.0.0.1:1/auth/callback" {
		t.Errorf("realm: %v %v", realm.Clients, err)
	}
	for _, u := range realm.Users {
		if strings.Contains(string(u.Hash), first.Password) {
			t.Error("the realm holds a password")
		}
	}
	if _, err := first.named("nobody"); err == nil {
		t.Error("somebody is named nobody")
	}
}

func TestCertificateIsKeptUntilItEndsSoon(t *testing.T) {
	l := folder(t)
	now := time.Now()
	read := func() string {
		t.Helper()
		text, err := os.ReadFile(l.path("pki", "edge.crt"))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	if err := l.certify(now); err != nil {
		t.Fatal(err)
	}
	first := read()
	if err := l.certify(now); err != nil || read() != first {
		t.Errorf("a second start changed the certificate: %v", err)
	}
	ca, err := os.ReadFile(l.CA())
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	pair, err := tls.LoadX509KeyPair(l.path("pki", "edge.crt"), l.path("pki", "edge.key"))
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"localhost", "127.0.0.1"} {
		if _, err := leaf.Verify(x509.VerifyOptions{Roots: pool, DNSName: name}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := l.certify(now.Add(validity - renewal + time.Hour)); err != nil || read() == first {
		t.Errorf("a certificate that ends soon was kept: %v", err)
	}
}

func TestPorts(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	_, text, err := net.SplitHostPort(taken.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	busy, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	mine, theirs := newClaims(dir), newClaims(dir)
	defer func() { _ = theirs.Close() }()
	if got, err := mine.port(0, busy); err != nil || got == busy {
		t.Errorf("the preferred port is taken: %d %v", got, err)
	}
	if _, err := mine.port(busy, 1); err == nil || !strings.Contains(err.Error(), text) {
		t.Errorf("the port of the installation is taken: %v, want an error that names it", err)
	}
	// Chosen, but nothing listens there yet: another launcher chooses another one, until this one is gone.
	idle, err := unused()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, err := mine.port(0, idle); err != nil || got != idle {
			t.Errorf("the preferred port is free: %d %v, want %d", got, err, idle)
		}
	}
	if got, err := theirs.port(0, idle); err != nil || got == idle {
		t.Errorf("a port that another launcher has chosen: %d %v", got, err)
	}
	if err := mine.Close(); err != nil {
		t.Error(err)
	}
	if got, err := theirs.port(0, idle); err != nil || got != idle {
		t.Errorf("after that launcher: %d %v, want %d", got, err, idle)
	}
}

// built answers the programs, built as the Makefile does, in the installation's own folder.
func built(t *testing.T, l Layout) string {
	t.Helper()
	bin := filepath.Join(l.Dir, "bin")
	for name, pkg := range map[string]string{"carefusion": "./cmd/carefusion", "carefusion-local": "./cmd/local"} {
		cmd := exec.Command("go", "build", "-o", filepath.Join(bin, name), pkg)
		cmd.Dir, cmd.Env = "../..", append(os.Environ(), "GOWORK=off", "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v %s", err, out)
		}
	}
	return filepath.Join(bin, "carefusion-local")
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(90 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("never: %s", what)
}

// installation is one that a test starts and stops by its commands.
type installation struct {
	t       *testing.T
	l       Layout
	program string
}

func (i *installation) run(args ...string) (string, error) {
	out, err := exec.Command(i.program, append([]string{"-dir", i.l.Dir}, args...)...).CombinedOutput()
	return string(out), err
}

func (i *installation) up() State {
	i.t.Helper()
	if out, err := i.run("up", "--detach"); err != nil {
		i.t.Fatalf("up: %v %s", err, out)
	}
	s, err := i.l.State()
	if err != nil || !s.Ready || len(s.Processes) != 3 {
		i.t.Fatalf("state %+v %v", s, err)
	}
	return s
}

// appointments counts those of the demo patient, by the API.
func (i *installation) appointments(address string) int {
	i.t.Helper()
	people, err := i.l.People()
	if err != nil {
		i.t.Fatal(err)
	}
	a, err := newAPI(i.l, address, people)
	if err != nil {
		i.t.Fatal(err)
	}
	var out struct {
		Appointments []any `json:"appointments"`
	}
	// The codes of this moment may be used up: the next is half a minute away.
	eventually(i.t, "patient-a's appointments", func() bool {
		return a.call(context.Background(), "patient-a", http.MethodGet, "appointments", nil, &out) == nil
	})
	return len(out.Appointments)
}

func (i *installation) reset() {
	if out, err := i.run("reset"); err != nil {
		i.t.Errorf("reset: %v %s", err, out)
	}
	for _, name := range []string{"secrets", "postgres", "nats", "state.json"} {
		if exists(i.l.path(name)) {
			i.t.Errorf("reset left %s", name)
		}
	}
}

// TestLauncher starts everything, kills each process and then the launcher itself, and finds what was there.
func TestLauncher(t *testing.T) {
	l := folder(t)
	i := &installation{t: t, l: l, program: built(t, l)}
	t.Cleanup(i.reset)
	first := i.up()
	if out, err := i.run("up"); err != nil || !strings.Contains(out, "ready") {
		t.Errorf("a second start: %v %s", err, out)
	}
	for n, p := range first.Processes {
		if err := syscall.Kill(p.PID, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		eventually(t, p.Name+" is started again", func() bool {
			s, err := l.State()
			return err == nil && s.Processes[n].Name == p.Name && s.Processes[n].Restarts == 1 && s.Processes[n].PID != p.PID
		})
	}
	if n := i.appointments(first.URL); n != 1 {
		t.Errorf("%d appointments after every process was killed", n)
	}
	if err := syscall.Kill(first.Launcher, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	eventually(t, "nothing answers after the launcher was killed", func() bool { return free(first.Edge) })
	if again := i.up(); again.URL != first.URL || again.Launcher == first.Launcher {
		t.Errorf("started again as %+v", again)
	}
	if n := i.appointments(first.URL); n != 1 {
		t.Errorf("%d appointments after the launcher was killed", n)
	}
	if out, err := i.run("down"); err != nil {
		t.Errorf("down: %v %s", err, out)
	}
	if out, err := i.run("status"); err != nil || !strings.Contains(out, "not running") {
		t.Errorf("status: %v %s", err, out)
	}
}
