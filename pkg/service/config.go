package service

import (
	"github.com/fusionems/quantum/pkg/config"
	"github.com/fusionems/quantum/pkg/tlsfile"
)

// Config is what every service is told. A service with settings of its own embeds it.
type Config struct {
	ListenAddr string `env:"LISTEN_ADDR,required" desc:"Address of the gRPC server, host:port."`
	AdminAddr  string `env:"ADMIN_ADDR,required" desc:"Address of /healthz, /readyz and /metrics, host:port; never reachable by users."`

	TLSCertFile string `env:"TLS_CERT_FILE,required" desc:"PEM certificate with the SPIFFE id of the service."`
	TLSKeyFile  string `env:"TLS_KEY_FILE,required" desc:"PEM key of the certificate."`
	TLSCAFile   string `env:"TLS_CA_FILE,required" desc:"PEM authority that signs the fleet's certificates."`

	TrustDomain string `env:"TRUST_DOMAIN" envDefault:"fusionems.local" desc:"SPIFFE trust domain of the certificate."`
	Federated   string `env:"TLS_FEDERATED" desc:"Services of other trust domains and the PEM authority of each, e.g. spiffe://billing.fusionems.local/billing=/trust/billing.crt."`

	DatabaseURL   config.Secret `env:"DATABASE_URL,required" desc:"PostgreSQL URL of the service's login role. As a file it is read again for new connections."`
	DatabaseConns int32         `env:"DATABASE_CONNS" envDefault:"10" desc:"Most connections in the pool."`
	NATSURL       string        `env:"NATS_URL,required" desc:"NATS servers, comma-separated."`

	PrincipalKeysFile string        `env:"PRINCIPAL_KEYS_FILE,required" desc:"JWKS with the gateway's public principal keys."`
	PageTokenKey      config.Secret `env:"PAGE_TOKEN_KEY,required" desc:"32 random bytes, base64; the same on all replicas."`
	Peers             string        `env:"PEERS" desc:"Addresses of the services it calls, e.g. clinical=10.0.0.1:8443,audit=10.0.0.2:8443."`

	OTLPEndpoint string  `env:"OTLP_ENDPOINT" desc:"URL of an OTLP gRPC collector; traces are not recorded without it."`
	TraceRatio   float64 `env:"TRACE_RATIO" envDefault:"0.01" desc:"Share of new traces that are recorded, 0 to 1."`
	LogLevel     string  `env:"LOG_LEVEL" envDefault:"info" desc:"debug, info, warn or error."`

	// renewedDatabaseURL reads the URL anew, where it is a file.
	renewedDatabaseURL func() (config.Secret, error)
}

// load fills the settings of a service from its environment.
func load(def Definition, environ []string) (Settings, error) {
	settings := def.settings()
	if err := config.Load(settings, environ); err != nil {
		return nil, err
	}
	settings.Base().renewedDatabaseURL = config.Renewed(environ, "DATABASE_URL")
	return settings, nil
}

// Base returns the common part of a service's settings.
func (c *Config) Base() *Config { return c }

func (c *Config) databaseURL() func() (string, error) {
	if c.renewedDatabaseURL == nil {
		return nil
	}
	return func() (string, error) {
		url, err := c.renewedDatabaseURL()
		return url.Reveal(), err
	}
}

// Validate refuses what no file can mend.
func (c *Config) Validate() error {
	if _, err := parsePeers(c.Peers); err != nil {
		return err
	}
	return c.identity().Check()
}

func (c *Config) identity() tlsfile.Files {
	return tlsfile.Files{Cert: c.TLSCertFile, Key: c.TLSKeyFile, CA: c.TLSCAFile, TrustDomain: c.TrustDomain, Federated: c.Federated}
}

// Settings is a *Config or a pointer to a struct that embeds Config.
type Settings interface{ Base() *Config }

// migrateConfig is what `migrate` is told; the migrator's password is no business of `serve`.
type migrateConfig struct {
	MigratorDatabaseURL config.Secret `env:"MIGRATOR_DATABASE_URL,required" desc:"PostgreSQL URL of the role that owns the schema."`
	LogLevel            string        `env:"LOG_LEVEL" envDefault:"info" desc:"debug, info, warn or error."`
}
