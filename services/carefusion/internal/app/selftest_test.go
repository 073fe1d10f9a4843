package app_test

import (
	"bytes"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/services/carefusion/internal/config"
	"github.com/fusionems/quantum/services/carefusion/internal/selftest"
)

func TestTheSelfTestPassesBesideARunningService(t *testing.T) {
	w := newWorld(t, 1)
	url, err := config.Secret(w.cfg.DatabaseURLFile)
	if err != nil {
		t.Fatal(err)
	}
	target := selftest.Target{URL: w.base, CAFile: w.cfg.TLSCertFile, DatabaseURL: url}
	before := w.behind(`SELECT count(*) FROM carefusion.audit_record`)
	var out bytes.Buffer
	if err := selftest.Run(t.Context(), target, &out); err != nil || strings.Count(out.String(), " ok\n") != 10 {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if after := w.behind(`SELECT count(*) FROM carefusion.audit_record`); after != before {
		t.Errorf("%v records before, %v after", before, after)
	}
	for name, c := range map[string]struct {
		change func(t *testing.T, target *selftest.Target)
		says   []string
	}{
		"another authority": {func(t *testing.T, target *selftest.Target) {
			cert, _ := selfSigned(t)
			target.CAFile = file(t, t.TempDir(), "ca.pem", cert)
		}, []string{"tls: the certificate"}},
		"a superuser":    {func(_ *testing.T, target *selftest.Target) { target.DatabaseURL = w.db }, []string{"above the rules"}},
		"an open server": {open, []string{"tokens: none", "tokens: one of another issuer"}},
		"a plain address": {func(_ *testing.T, target *selftest.Target) { target.URL = strings.Replace(w.base, "https", "http", 1) },
			[]string{"not an https address"}},
	} {
		t.Run(name, func(t *testing.T) {
			wrong := target
			c.change(t, &wrong)
			err := selftest.Run(t.Context(), wrong, &bytes.Buffer{})
			for _, says := range c.says {
				if err == nil || !strings.Contains(err.Error(), says) {
					t.Errorf("it does not say %q: %v", says, err)
				}
			}
		})
	}
	admin, err := pgx.Connect(t.Context(), w.db)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = admin.Close(t.Context()) }()
	if _, err := admin.Exec(t.Context(), `ALTER TABLE carefusion.note NO FORCE ROW LEVEL SECURITY`); err != nil {
		t.Fatal(err)
	}
	if err := selftest.Run(t.Context(), target, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), "not on note") {
		t.Errorf("a table without forced row-level security: %v", err)
	}
}

// open answers everybody.
func open(t *testing.T, target *selftest.Target) {
	t.Helper()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }))
	t.Cleanup(s.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	target.URL, target.CAFile = s.URL, file(t, t.TempDir(), "ca.pem", ca)
}
