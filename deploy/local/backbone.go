package local

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fusionems/quantum/deploy/local/supervise"
)

// backboneNames are the certificates of what the services stand on.
var backboneNames = []string{"postgres", "nats", "redis", "issuer"}

// operatorName is the certificate of the person at this machine, e.g. to look into NATS.
const operatorName = "operator"

// startBackbone starts NATS beside the Redis-protocol server and the issuer, which is ready only once it can count there.
func (f *Fleet) startBackbone(ctx context.Context) error {
	f.say("Starting NATS, Redis and the identity provider")
	if err := f.nameBackbone(); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return f.startNATS(ctx) })
	g.Go(func() error {
		if err := f.startRedis(ctx); err != nil {
			return err
		}
		return f.startIssuer(ctx)
	})
	return g.Wait()
}

// nameBackbone says where the three are, or will be.
func (f *Fleet) nameBackbone() error {
	f.env["NATS_URL"] = f.opts.Getenv("NATS_URL")
	if f.embedded("NATS_URL") {
		f.env["NATS_URL"] = "tls://" + loopback(f.port("nats"))
	}
	f.env["OIDC_ISSUER"] = f.opts.Getenv("OIDC_ISSUER")
	if f.embedded("OIDC_ISSUER") {
		f.env["OIDC_ISSUER"] = f.issuerURL()
	}
	var err error
	if f.env["REDIS_URL"], err = f.redisURL(); err != nil {
		return err
	}
	return writeFile(f.layout.secret("url-redis"), []byte(f.env["REDIS_URL"]+"\n"), 0o600)
}

func (f *Fleet) startNATS(ctx context.Context) error {
	if !f.embedded("NATS_URL") {
		return nil
	}
	return f.super.Start(ctx, supervise.Process{
		Name: "nats", Path: f.binary("nats-server"), Dir: f.opts.Dir, Env: f.baseEnv("nats"),
		Args: []string{"-port", strconv.Itoa(f.port("nats")), "-store", f.layout.natsDir(), "-tls-cert", f.auth.certFile("nats"),
			"-tls-key", f.auth.keyFile("nats"), "-tls-ca", f.auth.bothFile()},
		Ready: dialReady(loopback(f.port("nats"))),
	})
}

func (f *Fleet) startRedis(ctx context.Context) error {
	if !f.embedded("REDIS_URL") {
		return nil
	}
	return f.super.Start(ctx, supervise.Process{
		Name: "redis", Path: f.binary("redis-server"), Dir: f.opts.Dir, Env: f.baseEnv("redis"),
		Args: []string{"-port", strconv.Itoa(f.port("redis")), "-tls-cert", f.auth.certFile("redis"),
			"-tls-key", f.auth.keyFile("redis"), "-password-file", f.layout.secret("redis")},
		Ready: dialReady(loopback(f.port("redis"))),
	})
}

func (f *Fleet) redisURL() (string, error) {
	if !f.embedded("REDIS_URL") {
		return f.opts.Getenv("REDIS_URL"), nil
	}
	password, err := f.layout.ensureSecret("redis", randomSecret)
	if err != nil {
		return "", err
	}
	u := url.URL{Scheme: "rediss", User: url.UserPassword("", password), Host: loopback(f.port("redis")), Path: "/0"}
	return u.String(), nil
}

func (f *Fleet) startIssuer(ctx context.Context) error {
	if !f.embedded("OIDC_ISSUER") {
		return nil
	}
	if err := f.registerPortal(); err != nil {
		return err
	}
	ready, err := f.httpReady(fmt.Sprintf("https://%s/readyz", loopback(f.port("issuer"))), f.auth.caFile())
	if err != nil {
		return err
	}
	args := []string{"-listen", loopback(f.port("issuer")), "-url", f.issuerURL(), "-realm", f.layout.realmFile(),
		"-signing-key", f.layout.secret("issuer-signing-key"), "-database-url-file", f.databaseURLFile(issuerLogin),
		"-tls-cert", f.auth.certFile("issuer"), "-tls-key", f.auth.keyFile("issuer"),
		"-redis-url-file", f.layout.secret("url-redis"), "-redis-ca", f.auth.caFile()}
	if !f.opts.NoDemo {
		args = append(args, "-demo-authenticator")
	}
	return f.super.Start(ctx, supervise.Process{
		Name: "issuer", Path: f.binary("issuer"), Dir: f.opts.Dir, Env: f.baseEnv("issuer"), Args: args, Ready: ready,
	})
}

func (f *Fleet) issuerURL() string {
	return "https://" + loopback(f.port("issuer")) + "/realms/fusionems"
}

func (f *Fleet) port(name string) int { return f.state.Ports[name] }

func (f *Fleet) binary(name string) string { return filepath.Join(f.opts.Bin, name) }

// dialReady is ready when the port accepts a connection.
func dialReady(address string) func(context.Context) error {
	return func(ctx context.Context) error {
		conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
		if err != nil {
			return err
		}
		return conn.Close()
	}
}

// httpReady is ready when the address answers 200, over TLS with a certificate of the authority.
func (f *Fleet) httpReady(address, caFile string) (func(context.Context) error, error) {
	pool := x509.NewCertPool()
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, err
	}
	pool.AppendCertsFromPEM(pem)
	client := &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, DisableKeepAlives: true,
	}}
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
		if err != nil {
			return err
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			return fmt.Errorf("%s answers %s", address, resp.Status)
		}
		return nil
	}, nil
}

// migrate brings every schema to the version of its binary.
func (f *Fleet) migrate(ctx context.Context) error {
	f.say("Migrating the schemas")
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(2)
	for _, name := range serviceNames {
		g.Go(func() error {
			ctx, cancel := context.WithTimeout(ctx, time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, f.binary(name), "migrate")
			cmd.Env, cmd.Dir = f.migrateEnv(name), f.opts.Dir
			if out, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("%s migrate: %w\n%s", name, err, strings.TrimSpace(lastLines(out, 15)))
			}
			return nil
		})
	}
	return g.Wait()
}
