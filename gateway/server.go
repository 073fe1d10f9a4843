package gateway

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/fusionems/quantum/gateway/internal/docs"
	"github.com/fusionems/quantum/gateway/internal/signin"
	"github.com/fusionems/quantum/gateway/portal"
	"github.com/fusionems/quantum/pkg/obs"
	"github.com/fusionems/quantum/pkg/tlsfile"
	"github.com/fusionems/quantum/proto/gen/openapi"
)

const (
	headerTimeout = 5 * time.Second
	idleTimeout   = 2 * time.Minute
	// maxHeader is several times what a request with the largest token has.
	maxHeader = 32 << 10
	// drainTimeout is how long requests under way may take after SIGTERM.
	drainTimeout = 15 * time.Second
)

// listen opens both ports, so that a taken one stops the start.
func (g *gateway) listen(ctx context.Context) error {
	var lc net.ListenConfig
	admin, err := lc.Listen(ctx, "tcp", g.cfg.AdminAddr)
	if err != nil {
		return err
	}
	g.onClose(func() { _ = admin.Close() })
	if g.listener, err = lc.Listen(ctx, "tcp", g.cfg.ListenAddr); err != nil {
		return err
	}
	g.onClose(func() { _ = g.listener.Close() })
	pages, err := docs.New(openapi.JSON)
	if err != nil {
		return err
	}
	site, err := portal.New(portal.Site())
	if err != nil {
		return err
	}
	tlsConfig, err := g.edgeTLS()
	if err != nil {
		return err
	}
	g.parts.Add("admin", obs.Admin(admin, g.tls, g.metrics, g.ready))
	srv := &http.Server{
		Handler: g.handler(pages, site), TLSConfig: tlsConfig, ReadHeaderTimeout: headerTimeout, IdleTimeout: idleTimeout,
		ReadTimeout: g.cfg.DocumentTimeout, WriteTimeout: 2*g.cfg.DocumentTimeout + headerTimeout, MaxHeaderBytes: maxHeader,
		ErrorLog: slog.NewLogLogger(g.log.Handler(), slog.LevelDebug),
	}
	g.parts.Add("https", func(ctx context.Context) error { return serve(ctx, srv, g.listener) })
	return nil
}

func serve(ctx context.Context, srv *http.Server, ln net.Listener) error {
	stopped := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		sctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
		defer cancel()
		stopped <- srv.Shutdown(sctx)
	})
	if err := srv.ServeTLS(ln, "", ""); !errors.Is(err, http.ErrServerClosed) {
		stop()
		return err
	}
	// Serve returns when the shutdown begins; the requests under way end with the shutdown.
	return <-stopped
}

// handler puts what needs no token beside the API: pages, signing in, and the portal.
func (g *gateway) handler(pages *docs.Handler, site *portal.Handler) http.Handler {
	open := http.NewServeMux()
	open.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]any{"status": "ok"})
	})
	open.HandleFunc("GET /readyz", g.readyz)
	open.HandleFunc("GET /openapi.json", pages.OpenAPI)
	open.HandleFunc("GET /docs", pages.Page)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/api/"):
			g.edge.ServeHTTP(w, r)
		case strings.HasPrefix(r.URL.Path, signin.Root) && g.signin.Serves(r):
			g.signin.ServeHTTP(w, r)
		case serves(open, r):
			pageHeaders(w.Header())
			open.ServeHTTP(w, r)
		case site.Serves(r):
			site.ServeHTTP(w, r)
		default:
			g.edge.ServeHTTP(w, r)
		}
	})
}

func serves(mux *http.ServeMux, r *http.Request) bool {
	_, pattern := mux.Handler(r)
	return pattern != ""
}

func pageHeaders(h http.Header) {
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
}

// readyz answers for the fleet: it is ready only when every service is.
func (g *gateway) readyz(w http.ResponseWriter, r *http.Request) {
	problems := g.board.Check(r.Context())
	conditions := map[string]string{}
	for _, c := range g.board.Names() {
		conditions[c] = "ready"
	}
	for c, p := range problems {
		conditions[c] = p
	}
	if len(problems) == 0 {
		writeJSON(w, http.StatusOK, map[string]any{"status": "ready", "conditions": conditions})
		return
	}
	writeJSON(w, http.StatusServiceUnavailable, map[string]any{"status": "not ready", "conditions": conditions})
}

func writeJSON(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v)
}

// edgeTLS is what clients meet: a certificate, and no question for theirs. Renewed files are picked up.
func (g *gateway) edgeTLS() (*tls.Config, error) {
	if g.cfg.EdgeCert == "" {
		return g.tls.Public(tls.VersionTLS12, "h2", "http/1.1"), nil
	}
	pair, err := tlsfile.OpenPair(g.cfg.EdgeCert, g.cfg.EdgeKey)
	if err != nil {
		return nil, err
	}
	return pair.Public(tls.VersionTLS12, "h2", "http/1.1"), nil
}

// trusting makes a TLS configuration that trusts the authority of a file, or the system's without one.
func trusting(caFile string) (*tls.Config, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if caFile == "" {
		return cfg, nil
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, err
	}
	cfg.RootCAs = x509.NewCertPool()
	if !cfg.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("no certificate in %s", caFile)
	}
	return cfg, nil
}

func issuerClient(caFile string) (*http.Client, error) {
	cfg, err := trusting(caFile)
	if err != nil {
		return nil, err
	}
	return &http.Client{Timeout: headerTimeout, Transport: &http.Transport{TLSClientConfig: cfg, ForceAttemptHTTP2: true}}, nil
}
