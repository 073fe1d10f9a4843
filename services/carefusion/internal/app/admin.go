package app

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"time"
)

// admin answers the platform's probes and gives its numbers.
func (a *App) admin(ctx context.Context, cert func(*tls.ClientHelloInfo) (*tls.Certificate, error)) error {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		if err := a.DB.Ready(r.Context()); err != nil {
			a.log.WarnContext(r.Context(), "not ready", "error", err)
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		w.WriteHeader(http.StatusOK)
	})
	mux.Handle("GET /metrics", a.metrics.Handler())
	l, err := adminListener(ctx, a.cfg.AdminAddr, cert)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() })
	defer stop()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// adminListener speaks TLS wherever another machine could listen; who asks on the machine itself needs no certificate.
func adminListener(ctx context.Context, addr string, cert func(*tls.ClientHelloInfo) (*tls.Certificate, error)) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	if host, ok := l.Addr().(*net.TCPAddr); ok && host.IP.IsLoopback() {
		return l, nil
	}
	return tls.NewListener(l, &tls.Config{GetCertificate: cert, MinVersion: tls.VersionTLS12}), nil
}
