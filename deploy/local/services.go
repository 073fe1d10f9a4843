package local

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/fusionems/quantum/deploy/local/issuer"
	"github.com/fusionems/quantum/deploy/local/supervise"
)

// serviceNames are the fleet's services, each a binary, a schema, a certificate and a process of that name.
var serviceNames = []string{"audit", "agency", "clinical", "qa", "billing", "reporting", "compliance"}

const gatewayName = "gateway"

// portNames are what gets a port: a service one for gRPC and one for health and metrics.
func portNames() []string {
	names := []string{gatewayName, "issuer", "postgres", "nats", "redis", adminPort(gatewayName)}
	for _, s := range serviceNames {
		names = append(names, s, adminPort(s))
	}
	return names
}

func adminPort(name string) string { return name + "-admin" }

// baseEnv is the environment of every process: nothing of the user's own but what a program needs to run at all. A dozen
// processes on one machine share its memory, so each is told to give some back early.
func (f *Fleet) baseEnv(name string) []string {
	env := []string{"GOGC=50", "GOMEMLIMIT=512MiB", "TZ=UTC"}
	if endpoint := f.opts.Getenv("OTLP_ENDPOINT"); endpoint != "" && f.traced(name) {
		env = append(env, "FLEET_OTLP_ENDPOINT="+endpoint, "FLEET_TRACE_RATIO=1")
	}
	for _, keep := range []string{"PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "GOCOVERDIR"} {
		if v, ok := os.LookupEnv(keep); ok {
			env = append(env, keep+"="+v)
		}
	}
	return append(env, f.opts.Extra[name]...)
}

func (f *Fleet) traced(name string) bool {
	return name == gatewayName || slices.Contains(serviceNames, name)
}

func (f *Fleet) tlsEnv(name string) []string {
	return []string{
		"FLEET_TLS_CERT_FILE=" + f.auth.certFile(name),
		"FLEET_TLS_KEY_FILE=" + f.auth.keyFile(name),
		"FLEET_TLS_CA_FILE=" + f.auth.caFileOf(name),
		"FLEET_TRUST_DOMAIN=" + f.auth.domainOf(name),
		"FLEET_TLS_FEDERATED=" + f.auth.federated(name),
	}
}

// calls says whom each service calls, as the charts do; the gateway calls all of them.
var calls = map[string][]string{
	"agency": {"audit", "compliance"}, "billing": {"audit"}, "clinical": {"agency", "audit"}, "compliance": {"audit"},
	"qa": {"audit", "clinical"}, "reporting": {"audit"}, gatewayName: serviceNames,
}

// Calls says whom each process calls.
func Calls() map[string][]string { return maps.Clone(calls) }

// peers are the addresses of services.
func (f *Fleet) peers(names ...string) string {
	var list []string
	for _, s := range names {
		list = append(list, s+"="+loopback(f.port(s)))
	}
	return strings.Join(list, ",")
}

func (f *Fleet) migrateEnv(name string) []string {
	return append(f.baseEnv(""), "FLEET_MIGRATOR_DATABASE_URL_FILE="+f.databaseURLFile(name+"_migrator"))
}

// ServiceEnv is the environment of a service, for running one of its other commands beside it.
func (f *Fleet) ServiceEnv(name string) []string { return f.serviceEnv(name) }

// SelfTestEnv is the environment of a process's self-test: a service is a peer of its own there.
func (f *Fleet) SelfTestEnv(name string) []string {
	if name == gatewayName {
		return f.gatewayEnv()
	}
	return append(f.serviceEnv(name), "FLEET_PEERS="+f.peers(append(slices.Clone(calls[name]), name)...))
}

// AuthorityFile is the authority of the certificate that a process shows.
func (f *Fleet) AuthorityFile(name string) string { return f.auth.caFileOf(name) }

func (f *Fleet) serviceEnv(name string) []string {
	return slices.Concat(f.baseEnv(name), f.tlsEnv(name), f.ownSettings(name), []string{
		"FLEET_LISTEN_ADDR=" + loopback(f.port(name)),
		"FLEET_ADMIN_ADDR=" + loopback(f.port(adminPort(name))),
		"FLEET_DATABASE_URL_FILE=" + f.databaseURLFile(name+"_login"),
		"FLEET_NATS_URL=" + f.env["NATS_URL"],
		"FLEET_PRINCIPAL_KEYS_FILE=" + f.layout.secret("principal-keys"),
		"FLEET_PAGE_TOKEN_KEY_FILE=" + f.layout.secret("page-token-"+name),
		"FLEET_PEERS=" + f.peers(calls[name]...),
		"FLEET_LOG_LEVEL=info",
	})
}

// ownKeys are the secrets that only one process has, each a file of its own.
var ownKeys = []struct {
	service, variable string
	make              func() (string, error)
}{
	{"audit", "FLEET_CHECKPOINT_KEY", checkpointKey},
	{"clinical", "FLEET_KEK", randomKey},
	{gatewayName, "FLEET_SESSION_KEY", randomKey},
}

// ownSettings are the variables that only one process has.
func (f *Fleet) ownSettings(name string) []string {
	var env []string
	for _, k := range ownKeys {
		if k.service == name {
			env = append(env, k.variable+"_FILE="+f.layout.secret(keyName(k.service, k.variable)))
		}
	}
	return env
}

func keyName(service, variable string) string {
	return service + "-" + strings.ToLower(strings.TrimPrefix(variable, "FLEET_"))
}

// makeKeys makes the keys of the services where they are missing.
func (f *Fleet) makeKeys() error {
	private, err := f.layout.ensureSecret("principal-signing-key", signingKey)
	if err != nil {
		return err
	}
	_, err = f.layout.ensureSecret("principal-keys", func() (string, error) { return publicKeySet(private) })
	for _, s := range serviceNames {
		if err == nil {
			_, err = f.layout.ensureSecret("page-token-"+s, randomKey)
		}
	}
	for _, k := range ownKeys {
		if err == nil {
			_, err = f.layout.ensureSecret(keyName(k.service, k.variable), k.make)
		}
	}
	return err
}

func (f *Fleet) startServices(ctx context.Context) error {
	f.say("Starting the services")
	if err := f.makeKeys(); err != nil {
		return err
	}
	// The others ask audit for the policies in force before they are ready; with it up first they need not ask twice.
	if err := f.startService(ctx, serviceNames[0]); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	for _, name := range serviceNames[1:] {
		g.Go(func() error { return f.startService(ctx, name) })
	}
	return g.Wait()
}

func (f *Fleet) startService(ctx context.Context, name string) error {
	ready, err := f.httpReady("https://"+loopback(f.port(adminPort(name)))+"/readyz", f.auth.caFileOf(name))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	return f.super.Start(ctx, supervise.Process{
		Name: name, Path: f.binary(name), Args: []string{"serve"}, Dir: f.opts.Dir, Env: f.serviceEnv(name), Ready: ready,
	})
}

func (f *Fleet) startGateway(ctx context.Context) error {
	f.say("Starting the gateway")
	ready, err := f.httpReady(f.gatewayURL()+"/readyz", f.auth.caFile())
	if err != nil {
		return err
	}
	return f.super.Start(ctx, supervise.Process{
		Name: gatewayName, Path: f.binary(gatewayName), Args: []string{"serve"}, Dir: f.opts.Dir, Env: f.gatewayEnv(), Ready: ready,
	})
}

func (f *Fleet) gatewayURL() string { return fmt.Sprintf("https://%s", loopback(f.port(gatewayName))) }

func (f *Fleet) gatewayEnv() []string {
	env := slices.Concat(f.baseEnv(gatewayName), f.tlsEnv(gatewayName), f.ownSettings(gatewayName), f.portalEnv(), []string{
		"FLEET_PUBLIC_URL=" + f.gatewayURL(),
		"FLEET_LISTEN_ADDR=" + loopback(f.port(gatewayName)),
		"FLEET_ADMIN_ADDR=" + loopback(f.port(adminPort(gatewayName))),
		"FLEET_PRINCIPAL_KEY_FILE=" + f.layout.secret("principal-signing-key"),
		"FLEET_OIDC_ISSUER=" + f.env["OIDC_ISSUER"],
		"FLEET_OIDC_AUDIENCE=" + f.audience(),
		"FLEET_REDIS_URL_FILE=" + f.layout.secret("url-redis"),
		"FLEET_NATS_URL=" + f.env["NATS_URL"],
		"FLEET_PEERS=" + f.peers(calls[gatewayName]...),
		"FLEET_ACCESS_LOG_FILE=" + f.layout.path("logs", "access.log"),
		"FLEET_LOG_LEVEL=info",
	})
	if file := f.issuerCA(); file != "" {
		env = append(env, "FLEET_OIDC_CA_FILE="+file)
	}
	return env
}

// issuerCA is the authority of the provider's certificate; "" for those of the system.
func (f *Fleet) issuerCA() string {
	if f.embedded("OIDC_ISSUER") {
		return f.auth.caFile()
	}
	return f.opts.Getenv("OIDC_CA_FILE")
}

// audience is what access tokens must be for.
func (f *Fleet) audience() string {
	if given := f.opts.Getenv("OIDC_AUDIENCE"); given != "" {
		return given
	}
	return issuer.Defaults().Audience
}

// addresses are what the ready message lists.
func (f *Fleet) addresses() []Address {
	return []Address{
		{"Portal", f.gatewayURL()},
		{"API reference", f.gatewayURL() + "/docs"},
		{"Identity provider", f.env["OIDC_ISSUER"]},
		{"PostgreSQL", redacted(f.env["DATABASE_URL"])},
		{"NATS", f.env["NATS_URL"]},
		{"Redis protocol", redacted(f.env["REDIS_URL"])},
	}
}
