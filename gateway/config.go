package gateway

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/fusionems/quantum/gateway/internal/edge"
	"github.com/fusionems/quantum/gateway/internal/session"
	"github.com/fusionems/quantum/pkg/config"
	"github.com/fusionems/quantum/pkg/tlsfile"
)

// Config is what the gateway is told.
type Config struct {
	ListenAddr string `env:"LISTEN_ADDR,required" desc:"Address of the HTTPS server, host:port."`
	AdminAddr  string `env:"ADMIN_ADDR,required" desc:"Address of /healthz, /readyz and /metrics, host:port; never reachable by users."`

	TLSCertFile string `env:"TLS_CERT_FILE,required" desc:"PEM certificate of the gateway inside the fleet, with its SPIFFE id."`
	TLSKeyFile  string `env:"TLS_KEY_FILE,required" desc:"PEM key of the certificate."`
	TLSCAFile   string `env:"TLS_CA_FILE,required" desc:"PEM authority that signs the fleet's certificates."`
	TrustDomain string `env:"TRUST_DOMAIN" envDefault:"fusionems.local" desc:"SPIFFE trust domain of the certificate."`
	Federated   string `env:"TLS_FEDERATED" desc:"Services of other trust domains and the PEM authority of each, e.g. spiffe://billing.fusionems.local/billing=/trust/billing.crt."`
	EdgeCert    string `env:"EDGE_CERT_FILE" desc:"PEM certificate that clients see; that of the fleet without it."`
	EdgeKey     string `env:"EDGE_KEY_FILE" desc:"PEM key of the certificate that clients see."`

	Peers string `env:"PEERS,required" desc:"Addresses of the services, e.g. clinical=10.0.0.1:8443,audit=10.0.0.2:8443; every service once."`

	PrincipalKeyFile string `env:"PRINCIPAL_KEY_FILE,required" desc:"Ed25519 private key that signs principals, as PKCS 8 PEM or JWK. In PEM the key id is its RFC 7638 thumbprint."`

	Issuer       string        `env:"OIDC_ISSUER,required" desc:"URL of the OpenID provider's realm."`
	Audience     string        `env:"OIDC_AUDIENCE" envDefault:"fusionems-gateway" desc:"Audience that access tokens must name."`
	IssuerCAFile string        `env:"OIDC_CA_FILE" desc:"PEM authority of the issuer's certificate; the system's authorities without it."`
	TokenMaxAge  time.Duration `env:"TOKEN_MAX_AGE" envDefault:"30m" desc:"Greatest age of an access token, whatever it says of its expiry."`

	PublicURL    string        `env:"PUBLIC_URL,required" desc:"Origin under which browsers reach the gateway, e.g. https://ems.example; the issuer sends them back there."`
	ClientID     string        `env:"OIDC_CLIENT_ID" envDefault:"fusionems-portal" desc:"The portal as a confidential client of the issuer."`
	ClientSecret config.Secret `env:"OIDC_CLIENT_SECRET,required" desc:"Secret of the client."`
	SessionKey   config.Secret `env:"SESSION_KEY,required" desc:"Keys that seal the tokens of browser sessions: lines of 32 random bytes in base64, the current one first."`
	SessionIdle  time.Duration `env:"SESSION_IDLE" envDefault:"15m" desc:"How long a browser session lives without a request of the person."`
	SessionMax   time.Duration `env:"SESSION_MAX" envDefault:"12h" desc:"How long a browser session lives at all."`

	RedisURL      config.Secret `env:"REDIS_URL,required" desc:"URL of the Redis-protocol server of the limits, e.g. rediss://:password@host:6379. As a file it is read again for new connections."`
	LimitWindow   time.Duration `env:"LIMIT_WINDOW" envDefault:"1m" desc:"Length of the sliding window of the limits."`
	LimitTenant   int           `env:"LIMIT_TENANT" envDefault:"12000" desc:"Requests of one agency in a window; 0 for no limit."`
	LimitIdentity int           `env:"LIMIT_IDENTITY" envDefault:"6000" desc:"Requests of one identity in a window; 0 for no limit."`
	LimitAddress  int           `env:"LIMIT_ADDRESS" envDefault:"24000" desc:"Requests of one address in a window; 0 for no limit."`
	LimitFailures int           `env:"LIMIT_FAILURES" envDefault:"60" desc:"Tokens of one address in a window that may turn out invalid; 0 for no limit."`

	NATSURL string `env:"NATS_URL,required" desc:"NATS servers, comma-separated; refusals go to the audit log through them."`

	Timeout         time.Duration `env:"TIMEOUT" envDefault:"15s" desc:"How long a call may take."`
	DocumentTimeout time.Duration `env:"DOCUMENT_TIMEOUT" envDefault:"60s" desc:"How long a call with a document may take."`
	MaxBody         int64         `env:"MAX_BODY" envDefault:"1048576" desc:"Largest JSON body in bytes."`
	MaxDocument     int64         `env:"MAX_DOCUMENT" envDefault:"20971520" desc:"Largest document in bytes."`
	TrustedProxies  string        `env:"TRUSTED_PROXIES" desc:"Networks of proxies whose X-Forwarded-For and traceparent are believed, e.g. 10.0.0.0/8."`

	AccessLogFile string  `env:"ACCESS_LOG_FILE" desc:"File that access records are appended to; standard output without it."`
	OTLPEndpoint  string  `env:"OTLP_ENDPOINT" desc:"URL of an OTLP gRPC collector; traces are not recorded without it."`
	TraceRatio    float64 `env:"TRACE_RATIO" envDefault:"0.01" desc:"Share of new traces that are recorded, 0 to 1."`
	LogLevel      string  `env:"LOG_LEVEL" envDefault:"info" desc:"debug, info, warn or error."`

	// renewedRedisURL reads the URL anew, where it is a file.
	renewedRedisURL func() (config.Secret, error)
}

// Validate refuses what cannot work.
func (c *Config) Validate() error {
	var problems []error
	if !strings.HasPrefix(c.Issuer, "https://") {
		problems = append(problems, errors.New("config: FLEET_OIDC_ISSUER must be an https URL"))
	}
	if !strings.HasPrefix(c.RedisURL.Reveal(), "rediss://") {
		problems = append(problems, errors.New("config: FLEET_REDIS_URL must be a rediss URL: nothing travels without TLS"))
	}
	if u, err := url.Parse(c.PublicURL); err != nil || u.Scheme != "https" || u.Host == "" || c.PublicURL != "https://"+u.Host {
		problems = append(problems, errors.New("config: FLEET_PUBLIC_URL must be an origin, https://host or https://host:port"))
	}
	if _, err := session.NewPages(c.SessionKey.Reveal()); err != nil {
		problems = append(problems, errors.New("config: FLEET_SESSION_KEY must be lines of 32 random bytes in base64; openssl rand -base64 32 makes one"))
	}
	if c.SessionIdle < time.Minute || c.SessionMax < c.SessionIdle {
		problems = append(problems, errors.New("config: FLEET_SESSION_IDLE must be at least 1m, and FLEET_SESSION_MAX not less than it"))
	}
	if (c.EdgeCert == "") != (c.EdgeKey == "") {
		problems = append(problems, errors.New("config: FLEET_EDGE_CERT_FILE and FLEET_EDGE_KEY_FILE go together"))
	}
	if c.LimitWindow < time.Second || c.Timeout <= 0 || c.DocumentTimeout <= 0 || c.TokenMaxAge <= 0 || c.MaxBody <= 0 || c.MaxDocument <= 0 {
		problems = append(problems, errors.New("config: a window of at least 1s, and positive timeouts, ages and sizes are needed"))
	}
	if _, err := c.proxies(); err != nil {
		problems = append(problems, err)
	}
	if _, err := c.peers(); err != nil {
		problems = append(problems, err)
	}
	problems = append(problems, c.identity().Check())
	return errors.Join(problems...)
}

func (c *Config) identity() tlsfile.Files {
	return tlsfile.Files{Cert: c.TLSCertFile, Key: c.TLSKeyFile, CA: c.TLSCAFile, TrustDomain: c.TrustDomain, Federated: c.Federated}
}

func (c *Config) proxies() ([]netip.Prefix, error) {
	var out []netip.Prefix
	for part := range strings.SplitSeq(c.TrustedProxies, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		p, err := netip.ParsePrefix(part)
		if err != nil {
			return nil, fmt.Errorf("config: FLEET_TRUSTED_PROXIES: %w", err)
		}
		out = append(out, p)
	}
	return out, nil
}

// peers is the address of each service; every one that has routes must be there, and no other.
func (c *Config) peers() (map[string]string, error) {
	out := map[string]string{}
	for part := range strings.SplitSeq(c.Peers, ",") {
		name, addr, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok || name == "" || addr == "" {
			return nil, fmt.Errorf("config: FLEET_PEERS: %q is not name=host:port", part)
		}
		out[name] = addr
	}
	for _, name := range edge.Services() {
		if out[name] == "" {
			return nil, fmt.Errorf("config: FLEET_PEERS has no address of %s", name)
		}
	}
	return out, nil
}
