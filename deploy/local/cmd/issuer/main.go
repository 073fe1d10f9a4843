// Command issuer serves the OpenID provider of local mode over TLS.
package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/fusionems/quantum/deploy/local/issuer"
	"github.com/fusionems/quantum/pkg/obs"
	"github.com/fusionems/quantum/proto/gen/authz"
)

func main() {
	if err := run(); err != nil {
		obs.NewLogger(os.Stderr, "issuer", slog.LevelInfo).Error("ended by an error", "error", err)
		os.Exit(1)
	}
}

func run() error {
	cfg := issuer.Defaults()
	cfg.Log = obs.NewLogger(os.Stdout, "issuer", slog.LevelInfo)
	var err error
	if cfg.Scopes, err = issuer.RoleScopes(authz.RolesJSON); err != nil {
		return err
	}
	listen := flag.String("listen", "127.0.0.1:8443", "address")
	cert := flag.String("tls-cert", "", "certificate file")
	key := flag.String("tls-key", "", "key file")
	database := flag.String("database-url-file", "", "file with the URL of a PostgreSQL login that owns the schema named issuer")
	flag.StringVar(&cfg.URL, "url", "", "issuer URL as tokens name it")
	flag.StringVar(&cfg.RealmFile, "realm", "", "file of people and clients; a change is noticed without a restart")
	flag.StringVar(&cfg.SigningKeyFile, "signing-key", "", "file of the private signing key; made where it is missing")
	flag.Parse()

	url, err := os.ReadFile(*database)
	if err != nil {
		return err
	}
	cfg.DatabaseURL = strings.TrimSpace(string(url))
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	provider, err := issuer.New(ctx, cfg)
	if err != nil {
		return err
	}
	defer provider.Close()
	server := &http.Server{
		Addr: *listen, Handler: provider.Handler(), TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: time.Minute, ErrorLog: slog.NewLogLogger(cfg.Log.Handler(), slog.LevelDebug),
	}
	go provider.Prune(ctx)
	failed := make(chan error, 1)
	go func() { failed <- server.ListenAndServeTLS(*cert, *key) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(drain); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return nil
}
