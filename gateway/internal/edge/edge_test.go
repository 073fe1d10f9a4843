package edge_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/grpc"

	"github.com/fusionems/quantum/gateway/internal/authn"
	"github.com/fusionems/quantum/gateway/internal/decide"
	"github.com/fusionems/quantum/gateway/internal/edge"
	"github.com/fusionems/quantum/gateway/internal/route"
	"github.com/fusionems/quantum/pkg/identity"
)

type brokenPolicy struct{ panics bool }

func (b brokenPolicy) Decide(context.Context, decide.Request) (decide.Decision, error) {
	if b.panics {
		panic("patient Doe")
	}
	return decide.Decision{Allowed: true}, errors.New("patient Doe")
}

type brokenSigner struct{}

func (brokenSigner) Sign(identity.Principal) (string, error) { return "", errors.New("patient Doe") }

type issuerAway struct{}

func (issuerAway) Authenticate(context.Context, string) (*authn.Session, error) {
	return nil, authn.ErrIssuerAway
}

// TestNothingPassesABrokenStage takes one stage after the other away.
func TestNothingPassesABrokenStage(t *testing.T) {
	w := newWorld(t)
	token := w.token(nil, "qa_reviewer")
	for name, tc := range map[string]struct {
		change func(*edge.Deps)
		code   int
		reason string
	}{
		"policy fails":  {func(d *edge.Deps) { d.Policy = brokenPolicy{} }, 500, "INTERNAL"},
		"policy panics": {func(d *edge.Deps) { d.Policy = brokenPolicy{panics: true} }, 500, "INTERNAL"},
		"signer fails":  {func(d *edge.Deps) { d.Signer = brokenSigner{} }, 500, "INTERNAL"},
		"issuer away":   {func(d *edge.Deps) { d.Tokens = issuerAway{} }, 503, "ISSUER_UNAVAILABLE"},
	} {
		t.Run(name, func(t *testing.T) {
			w.t = t
			deps := w.deps
			tc.change(&deps)
			e, err := edge.New(t.Context(), deps)
			if err != nil {
				t.Fatal(err)
			}
			w.server.Config.Handler = e
			before := len(w.records())
			a := w.do(request{path: "/api/qa/cases", token: token})
			w.refused(a, tc.code, tc.reason)
			if strings.Contains(a.raw, "Doe") {
				t.Fatal(a.raw)
			}
			lines := w.records()
			if len(lines) != before+1 || lines[before]["reason"] != tc.reason || lines[before]["status"] != float64(tc.code) {
				t.Fatalf("%v", lines[before:])
			}
		})
	}
	if w.services.calls != 0 {
		t.Fatal("a request passed")
	}
	if strings.Contains(w.errors.String(), "panic=\"patient") {
		t.Fatal("the value of a panic is in the log")
	}
}

func TestStartIsRefused(t *testing.T) {
	w := newWorld(t)
	deps := w.deps
	deps.Conns = map[string]*grpc.ClientConn{}
	if _, err := edge.New(t.Context(), deps); err == nil || !strings.Contains(err.Error(), "no connection") {
		t.Fatalf("without connections: %v", err)
	}
	deps = w.deps
	deps.Routes = &route.Table{}
	if _, err := edge.New(t.Context(), deps); err == nil || !strings.Contains(err.Error(), "has no route") {
		t.Fatalf("with handlers that no rule covers: %v", err)
	}
}

// TestClientGoesAway: nobody reads the answer, and still there is a record.
func TestClientGoesAway(t *testing.T) {
	w := newWorld(t)
	entered, release := make(chan struct{}), make(chan struct{})
	w.set(func(s *services) {
		s.answer = func() error { close(entered); <-release; return nil }
	})
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.server.URL+"/api/me", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+w.token(nil, "qa_reviewer"))
	done := make(chan struct{})
	go func() {
		defer close(done)
		if resp, err := w.server.Client().Do(req); err == nil {
			resp.Body.Close()
		}
	}()
	<-entered
	cancel()
	<-done
	w.until("the record", func() bool { return len(w.records()) == 1 })
	close(release)
	if r := w.records()[0]; r["status"] != 499.0 || r["reason"] != "CLIENT_CLOSED_REQUEST" {
		t.Fatal(r)
	}
}
