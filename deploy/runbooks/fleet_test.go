//go:build rehearsal

package runbooks

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/deploy/local"
	"github.com/fusionems/quantum/deploy/local/demo"
	"github.com/fusionems/quantum/services/clinical/democharts"
)

// fleet is one that a test starts, with the eyes of an operator (the database) and of a sender of charts (the edge).
type fleet struct {
	*local.Fleet
	t        *testing.T
	edge     *demo.Edge
	accounts *demo.Accounts
	client   *http.Client
	database string
}

// folder is a directory that PostgreSQL's user may walk through.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "fleet-rehearsal-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// startFleet starts the fleet of a directory; database names a server of the test's own, "" one of the launcher's.
func startFleet(t *testing.T, dir, database string) *fleet {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	f, err := local.Start(ctx, local.Options{Dir: dir, Bin: binaries(t), Out: os.Stderr, Getenv: func(name string) string {
		if name == "DATABASE_URL" {
			return database
		}
		return ""
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Stop)
	env := f.Env()
	out := &fleet{Fleet: f, t: t, database: env["DATABASE_URL"], accounts: &demo.Accounts{}}
	raw, err := os.ReadFile(filepath.Join(dir, "secrets", "demo.json"))
	if err == nil {
		err = json.Unmarshal(raw, out.accounts)
	}
	if err == nil {
		out.edge, err = demo.NewEdge(env["GATEWAY_URL"], env["OIDC_ISSUER"], env["CA_FILE"])
	}
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(env["CA_FILE"])
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	out.client = &http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}}
	return out
}

// chart is one that a sender had an answer for.
type chart struct {
	id     string
	agency int
	doc    democharts.Document
}

// unseen are charts that no fleet has: one of each scenario, with another number each time.
func unseen(t *testing.T) []democharts.Document {
	t.Helper()
	seed := uint64(time.Now().UnixNano())
	cfg := democharts.Config{Seed: seed, Base: time.Now().AddDate(0, 0, -1)}
	for _, p := range demo.Profiles() {
		cfg.Agencies = append(cfg.Agencies, p.Charts)
	}
	docs, err := democharts.Generate(cfg)
	if err != nil {
		t.Fatal(err)
	}
	tag := fmt.Sprintf("-%d", seed%1_000_000_000)
	for i, d := range docs {
		for _, number := range []string{d.PCRNumber, d.IncidentNumber} {
			docs[i].XML = bytes.ReplaceAll(docs[i].XML, []byte(">"+number+"<"), []byte(">"+number+tag+"<"))
		}
	}
	return docs
}

// post imports documents as the integration clients of their agencies.
func (f *fleet) post(docs []democharts.Document, status int) []chart {
	f.t.Helper()
	var out []chart
	tokens := map[int]string{}
	for _, d := range docs {
		c := f.accounts.Clients[d.AgencyIndex]
		if tokens[c.Agency] == "" {
			token, err := f.edge.ClientToken(f.t.Context(), c.ID, c.Secret)
			if err != nil {
				f.t.Fatal(err)
			}
			tokens[c.Agency] = token.AccessToken
		}
		code, body := f.send(http.MethodPost, "/api/clinical/charts", tokens[c.Agency], d.XML)
		var answer struct {
			Charts []struct{ ID string }
		}
		if err := json.Unmarshal(body, &answer); err != nil || code != status || len(answer.Charts) != 1 {
			f.t.Fatalf("import: %d %s", code, body)
		}
		out = append(out, chart{answer.Charts[0].ID, d.AgencyIndex, d})
	}
	return out
}

func (f *fleet) send(method, path, token string, body []byte) (int, []byte) {
	f.t.Helper()
	req, err := http.NewRequestWithContext(f.t.Context(), method, f.Env()["GATEWAY_URL"]+path, bytes.NewReader(body))
	if err != nil {
		f.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Content-Type", "application/xml")
	res, err := f.client.Do(req)
	if err != nil {
		f.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return res.StatusCode, raw
}

// scalar asks the database behind the services, as a superuser.
func (f *fleet) scalar(sql string, args ...any) (n int64) {
	f.t.Helper()
	conn, err := pgx.Connect(f.t.Context(), f.database)
	if err == nil {
		err = conn.QueryRow(f.t.Context(), sql, args...).Scan(&n)
		_ = conn.Close(f.t.Context())
	}
	if err != nil {
		f.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// done says whether the services are through with charts: one claim, one evaluation, one fact each; of the named schemas only.
func (f *fleet) done(list []chart, schemas ...string) bool {
	queries := map[string]string{
		"billing":   `SELECT count(*) FROM billing.claim WHERE chart_id = ANY ($1)`,
		"qa":        `SELECT count(*) FROM qa.chart_evaluation WHERE chart_id = ANY ($1)`,
		"reporting": `SELECT count(*) FROM reporting.call_fact WHERE chart_id = ANY ($1) AND superseded_seq IS NULL`,
		"audit":     `SELECT count(DISTINCT resource) FROM audit.entry WHERE resource = ANY ($2) AND cardinality($1::uuid[]) > 0`,
	}
	ids, resources := make([]string, len(list)), make([]string, len(list))
	for i, c := range list {
		ids[i], resources[i] = c.id, "charts/"+c.id
	}
	for _, s := range schemas {
		args := []any{ids}
		if strings.Contains(queries[s], "$2") {
			args = append(args, resources)
		}
		if f.scalar(queries[s], args...) != int64(len(list)) {
			return false
		}
	}
	return true
}
