// Command issuer serves the OpenID provider of local mode over TLS.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
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
	redis := flag.String("redis-url-file", "", "file with the rediss URL of the server that requests are counted in")
	redisCA := flag.String("redis-ca", "", "file of the authority of that server")
	flag.DurationVar(&cfg.Limits.Window, "limit-window", cfg.Limits.Window, "length of the sliding window of the limits")
	flag.IntVar(&cfg.Limits.Address, "limit-address", cfg.Limits.Address, "requests of one address in a window; 0 for no limit")
	flag.IntVar(&cfg.Limits.Identity, "limit-identity", cfg.Limits.Identity, "requests about one user, client or token in a window; 0 for no limit")
	flag.BoolVar(&cfg.DemoAuthenticator, "demo-authenticator", false, "show the codes of demo users on the sign-in page; for trying the fleet out, and for nothing else")
	flag.Parse()

	if cfg.DatabaseURL, err = lineOf(*database); err != nil {
		return err
	}
	if cfg.RedisURL, err = lineOf(*redis); err != nil {
		return err
	}
	if cfg.RedisTLS, err = trusting(*redisCA); err != nil {
		return err
	}
	if !strings.HasPrefix(cfg.RedisURL, "rediss://") {
		return errors.New("redis-url-file: must hold a rediss URL: nothing travels without TLS")
	}
	return serve(cfg, *listen, *cert, *key)
}

func serve(cfg issuer.Config, listen, cert, key string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	provider, err := issuer.New(ctx, cfg)
	if err != nil {
		return err
	}
	defer provider.Close()
	server := &http.Server{
		Addr: listen, Handler: provider.Handler(), TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12},
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: time.Minute, ErrorLog: slog.NewLogLogger(cfg.Log.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 2)
	go func() {
		if err := provider.Run(ctx); err != nil {
			failed <- err
		}
	}()
	go func() { failed <- server.ListenAndServeTLS(cert, key) }()
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

func lineOf(file string) (string, error) {
	content, err := os.ReadFile(file)
	return strings.TrimSpace(string(content)), err
}

func trusting(caFile string) (*tls.Config, error) {
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("redis-ca: no certificate in the file")
	}
	return &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, nil
}
