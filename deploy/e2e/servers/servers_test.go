//go:build e2e && !keycloak

package servers

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/fusionems/quantum/deploy/local"
	"github.com/fusionems/quantum/deploy/local/demo"
)

// patience is far above what anything here takes on a busy machine.
const patience = 3 * time.Minute

// The fleet does its main job on a PostgreSQL, a NATS and a Redis that others run, and embeds none of its own beside them.
func TestTheFleetOnServersOfOthers(t *testing.T) {
	w := startServers(t)
	dir := openDir(t)
	bin, err := filepath.Abs("../../../.run/bin")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	fleet, err := local.Start(ctx, local.Options{Dir: dir, Bin: bin, Getenv: func(name string) string { return w.env[name] }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fleet.Stop)

	var imported, cases, claims int
	for _, a := range fleet.Summary().Agencies {
		imported, cases, claims = imported+a.Charts, cases+a.Cases, claims+a.Claims+a.NoBill
		if a.Charts == 0 || a.InFacts != a.Charts {
			t.Errorf("%s: %+v", a.Name, a)
		}
	}
	conn, err := pgx.Connect(ctx, w.env["DATABASE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for table, want := range map[string]int{"clinical.chart": imported, "qa.review_case": cases, "billing.claim": claims} {
		var n int
		if err := conn.QueryRow(ctx, "SELECT count(*) FROM "+table).Scan(&n); err != nil || n != want || n == 0 {
			t.Errorf("the server named by DATABASE_URL has %d rows in %s, the fleet says %d: %v", n, table, want, err)
		}
	}
	if n := w.messages(ctx, t, "CLINICAL"); n < imported {
		t.Errorf("the server named by NATS_URL holds %d messages of %d charts", n, imported)
	}
	if w.keys(ctx, t) == 0 {
		t.Error("the server named by REDIS_URL counted nothing")
	}
	for _, embedded := range []string{"postgres", "nats"} {
		if _, err := os.Stat(filepath.Join(dir, embedded)); err == nil && !empty(t, filepath.Join(dir, embedded)) {
			t.Errorf("the fleet keeps data of a %s of its own", embedded)
		}
	}
	for _, p := range fleet.Processes() {
		if slices.Contains([]string{"postgres", "nats", "redis"}, p.Name) {
			t.Errorf("the fleet runs a %s of its own", p.Name)
		}
	}
	for _, name := range []string{"nats", "redis"} {
		if err := w.super.Kill(name); err != nil {
			t.Fatal(err)
		}
	}
	signsIn(ctx, t, fleet)
}

// signsIn waits until a machine gets a token, which the provider counts in Redis, and the fleet is ready again.
func signsIn(ctx context.Context, t *testing.T, fleet *local.Fleet) {
	t.Helper()
	env := fleet.Env()
	var clients []demo.Client
	if err := json.Unmarshal([]byte(env["DEMO_CLIENTS"]), &clients); err != nil {
		t.Fatal(err)
	}
	edge, err := demo.NewEdge(env["GATEWAY_URL"], env["OIDC_ISSUER"], env["CA_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		_, err := edge.ClientToken(ctx, clients[0].ID, clients[0].Secret)
		if err == nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("no token after Redis came back: %v", err)
		}
	}
	if err := fleet.WaitReady(ctx); err != nil {
		t.Errorf("after both servers were killed: %v", err)
	}
}

func empty(t *testing.T, dir string) bool {
	t.Helper()
	files := 0
	if err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files++
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return files == 0
}

// messages of a stream, as a person with a certificate of the fleet's authority sees them.
func (w *servers) messages(ctx context.Context, t *testing.T, stream string) int {
	t.Helper()
	files, err := w.authority.WriteFiles(t.TempDir(), "operator")
	if err != nil {
		t.Fatal(err)
	}
	nc, err := nats.Connect(w.env["NATS_URL"], nats.ClientCert(files.Cert, files.Key), nats.RootCAs(files.CA))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	js, err := jetstream.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	s, err := js.Stream(ctx, stream)
	if err != nil {
		t.Fatal(err)
	}
	return int(s.CachedInfo().State.Msgs) //nolint:gosec // a test's own messages
}
