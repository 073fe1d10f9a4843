package config

import (
	"errors"
	"fmt"
	"io"
	"net/netip"
	"net/url"
	"os"
	"reflect"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/caarlos0/env/v11"
)

const prefix = "CAREFUSION_"

// Config is every setting. Secrets are files.
type Config struct {
	ListenAddr  string `env:"LISTEN_ADDR" envDefault:"127.0.0.1:9443" desc:"address of the API, TLS"`
	AdminAddr   string `env:"ADMIN_ADDR" envDefault:"127.0.0.1:9090" desc:"address of healthz, readyz and metrics; TLS with the certificate of the API, plain on a loopback address only"`
	TLSCertFile string `env:"TLS_CERT_FILE" desc:"certificate chain, PEM; read again when it changes"`
	TLSKeyFile  string `env:"TLS_KEY_FILE" desc:"private key, PEM"`

	DatabaseURLFile         string `env:"DATABASE_URL_FILE" desc:"file with the URL of carefusion_login"`
	MigratorDatabaseURLFile string `env:"MIGRATOR_DATABASE_URL_FILE" desc:"file with the URL of carefusion_migrator; migrate, verify and rewrap only"`
	DataKeyFile             string `env:"DATA_KEY_FILE" desc:"file with keys of 32 random bytes, base64, one a line: the first seals health information, all open it"`

	Issuer       string `env:"ISSUER" desc:"issuer of the tokens that are believed, letter by letter"`
	Audience     string `env:"AUDIENCE" envDefault:"carefusion" desc:"audience that a token must name"`
	ACR          string `env:"ACR" envDefault:"2" desc:"acr claim that stands for a second factor"`
	IssuerCAFile string `env:"ISSUER_CA_FILE" desc:"CA of the issuer, PEM; empty: the system's"`

	PublicURL        string `env:"PUBLIC_URL" desc:"https origin that people open the page at; empty: no page is served"`
	ClientID         string `env:"CLIENT_ID" envDefault:"carefusion-page" desc:"the page's client at the issuer"`
	ClientSecretFile string `env:"CLIENT_SECRET_FILE" desc:"secret of that client; empty: it is a public one"`

	LocalRealmFile string `env:"LOCAL_REALM_FILE" desc:"users and clients of the embedded issuer; empty: it is off. Local mode only"`
	LocalKeyFile   string `env:"LOCAL_KEY_FILE" desc:"signing key of the embedded issuer, made if missing. Local mode only"`
	ReminderDir    string `env:"REMINDER_DIR" desc:"folder that reminders are written to; empty: none are sent. Local mode only"`

	LiveKitAPIURL   string   `env:"LIVEKIT_API_URL" desc:"where the service asks LiveKit, http or https; empty: there is no video"`
	LiveKitURL      string   `env:"LIVEKIT_URL" desc:"where clients reach LiveKit, ws or wss"`
	LiveKitKeyFile  string   `env:"LIVEKIT_KEY_FILE" desc:"file with one line, key: secret, as in LiveKit's own key file"`
	LiveKitCAFile   string   `env:"LIVEKIT_CA_FILE" desc:"CA of LiveKit's API, PEM; empty: the system's"`
	LiveKitProxy    bool     `env:"LIVEKIT_PROXY" envDefault:"false" desc:"whether /rtc of this service's own address leads to LiveKit, so that a page needs one origin"`
	LiveKitHookAddr string   `env:"LIVEKIT_HOOK_ADDR" desc:"address that takes LiveKit's signed webhooks at /, TLS unless it is loopback; empty: LiveKit is asked"`
	ICEServers      []string `env:"ICE_SERVERS" desc:"STUN and TURN servers of clients, comma-separated; empty: none, in particular no third party's"`
	TURNSecretFile  string   `env:"TURN_SECRET_FILE" desc:"file with the secret that TURN servers share with this service"`

	SMTPURLFile string `env:"SMTP_URL_FILE" desc:"file with smtps://name:password@host:465 or smtp://name:password@host:587 (STARTTLS), by which reminders are sent"`
	SMTPFrom    string `env:"SMTP_FROM" desc:"address of CareFusion's own that reminders come from"`
	SMTPCAFile  string `env:"SMTP_CA_FILE" desc:"CA of the mail server, PEM; empty: the system's"`

	NATSURL       string `env:"NATS_URL" desc:"CareFusion's own NATS with JetStream; empty: one process tells itself, and reminders are sent without"`
	NATSCredsFile string `env:"NATS_CREDS_FILE" desc:"credentials file of NATS; empty: none"`
	NATSCAFile    string `env:"NATS_CA_FILE" desc:"CA of NATS, PEM; empty: the system's"`

	OTLPEndpoint string  `env:"OTLP_ENDPOINT" desc:"collector of traces, OTLP over gRPC, as https://host:4317; empty: none are made"`
	TraceRatio   float64 `env:"TRACE_RATIO" envDefault:"0.1" desc:"share of calls that are traced, 0 to 1"`

	Recording       bool          `env:"RECORDING" envDefault:"false" desc:"whether recording is possible; needs a recorder, which local mode does not have"`
	ReminderLead    time.Duration `env:"REMINDER_LEAD" envDefault:"24h" desc:"how long before an appointment its reminder is due, at most 24h"`
	CheckInLead     time.Duration `env:"CHECK_IN_LEAD" envDefault:"30m" desc:"how long before the start a patient may check in"`
	RoomTokenTTL    time.Duration `env:"ROOM_TOKEN_TTL" envDefault:"2m" desc:"how long a token for a room may be used, at most 5m"`
	RatePerAddress  float64       `env:"RATE_PER_ADDRESS" envDefault:"50" desc:"requests a second from one address"`
	RatePerSubject  float64       `env:"RATE_PER_SUBJECT" envDefault:"20" desc:"requests a second of one caller"`
	ShutdownTimeout time.Duration `env:"SHUTDOWN_TIMEOUT" envDefault:"15s" desc:"how long requests in progress may take at the end"`
}

// Load reads and checks the environment (KEY=value lines, as os.Environ gives).
func Load(environ []string) (Config, error) {
	var c Config
	known := map[string]bool{}
	for _, f := range fields() {
		known[prefix+f.Tag.Get("env")] = true
	}
	// The folder of PostgreSQL's programs is for tests; it steers nothing here.
	known["CAREFUSION_PG_BIN"] = true
	vars := map[string]string{}
	for _, kv := range environ {
		k, v, _ := strings.Cut(kv, "=")
		if strings.HasPrefix(k, prefix) && !known[k] {
			return c, fmt.Errorf("config: %s is not a setting; `carefusion config` lists them", k)
		}
		vars[k] = v
	}
	if err := env.ParseWithOptions(&c, env.Options{Prefix: prefix, Environment: vars}); err != nil {
		return c, fmt.Errorf("config: %w", err)
	}
	return c, nil
}

// Check reports everything that serving cannot do without.
func (c Config) Check() error {
	var errs []error
	need := map[string]string{"TLS_CERT_FILE": c.TLSCertFile, "TLS_KEY_FILE": c.TLSKeyFile, "DATABASE_URL_FILE": c.DatabaseURLFile, "DATA_KEY_FILE": c.DataKeyFile, "ISSUER": c.Issuer}
	for _, f := range fields() {
		if v, ok := need[f.Tag.Get("env")]; ok && v == "" {
			errs = append(errs, fmt.Errorf("config: %s%s is missing: %s", prefix, f.Tag.Get("env"), f.Tag.Get("desc")))
		}
	}
	if c.LocalRealmFile == "" && c.Issuer != "" && !strings.HasPrefix(c.Issuer, "https://") {
		errs = append(errs, errors.New("config: CAREFUSION_ISSUER must be an https address"))
	}
	if c.LocalRealmFile != "" && c.LocalKeyFile == "" {
		errs = append(errs, errors.New("config: CAREFUSION_LOCAL_REALM_FILE needs CAREFUSION_LOCAL_KEY_FILE"))
	}
	if c.ReminderLead <= 0 || c.ReminderLead > 24*time.Hour {
		errs = append(errs, errors.New("config: CAREFUSION_REMINDER_LEAD must be more than 0 and at most 24h"))
	}
	if c.RoomTokenTTL < time.Second || c.RoomTokenTTL > 5*time.Minute {
		errs = append(errs, errors.New("config: CAREFUSION_ROOM_TOKEN_TTL must be 1s to 5m"))
	}
	if c.SMTPURLFile != "" && (c.SMTPFrom == "" || c.ReminderDir != "") {
		errs = append(errs, errors.New("config: CAREFUSION_SMTP_URL_FILE needs CAREFUSION_SMTP_FROM, and no CAREFUSION_REMINDER_DIR beside it"))
	}
	errs = append(errs, c.checkVideo()...)
	errs = append(errs, c.checkEncrypted()...)
	if c.TraceRatio < 0 || c.TraceRatio > 1 {
		errs = append(errs, errors.New("config: CAREFUSION_TRACE_RATIO must be 0 to 1"))
	}
	if c.RatePerAddress <= 0 || c.RatePerSubject <= 0 {
		errs = append(errs, errors.New("config: rates must be more than 0"))
	}
	return errors.Join(errs...)
}

// checkVideo lets LiveKit be named as a whole or not at all; the addresses themselves are read where they are used.
func (c Config) checkVideo() []error {
	var errs []error
	for name, value := range map[string]string{"LIVEKIT_URL": c.LiveKitURL, "LIVEKIT_KEY_FILE": c.LiveKitKeyFile} {
		if (c.LiveKitAPIURL == "") != (value == "") {
			errs = append(errs, fmt.Errorf("config: CAREFUSION_LIVEKIT_API_URL and %s%s must be set together", prefix, name))
		}
	}
	if c.LiveKitAPIURL == "" && (c.LiveKitProxy || c.LiveKitHookAddr != "") {
		errs = append(errs, errors.New("config: CAREFUSION_LIVEKIT_PROXY and CAREFUSION_LIVEKIT_HOOK_ADDR need CAREFUSION_LIVEKIT_API_URL"))
	}
	return errs
}

// checkEncrypted lets plain connections stay on the machine.
func (c Config) checkEncrypted() []error {
	var errs []error
	for name, v := range map[string]struct{ value, scheme string }{
		"LIVEKIT_API_URL": {c.LiveKitAPIURL, "https"}, "LIVEKIT_URL": {c.LiveKitURL, "wss"}, "NATS_URL": {c.NATSURL, "tls"}, "OTLP_ENDPOINT": {c.OTLPEndpoint, "https"},
	} {
		if v.value == "" {
			continue
		}
		u, err := url.Parse(v.value)
		if err != nil {
			u = &url.URL{}
		}
		ip, _ := netip.ParseAddr(u.Hostname())
		if u.Host == "" || (u.Scheme != v.scheme && !ip.IsLoopback()) {
			errs = append(errs, fmt.Errorf("config: %s%s must be %s://host, or an address on this machine", prefix, name, v.scheme))
		}
	}
	return errs
}

func fields() []reflect.StructField {
	t := reflect.TypeFor[Config]()
	out := make([]reflect.StructField, 0, t.NumField())
	for i := range t.NumField() {
		out = append(out, t.Field(i))
	}
	return out
}

// Table prints every setting.
func Table(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 4, 2, ' ', 0)
	for _, f := range fields() {
		if _, err := fmt.Fprintf(tw, "%s%s\t%s\t%s\n", prefix, f.Tag.Get("env"), f.Tag.Get("envDefault"), f.Tag.Get("desc")); err != nil {
			return err
		}
	}
	return tw.Flush()
}

// Secret reads a file that holds one line.
func Secret(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("config: %w", err)
	}
	return strings.TrimSpace(string(text)), nil
}
