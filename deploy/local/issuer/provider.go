package issuer

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"math"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/sync/errgroup"

	"github.com/fusionems/quantum/deploy/local/issuer/pages"
)

// Lockout says after how many failures in a row a user name is refused, and for how long.
type Lockout struct {
	Failures int
	Duration time.Duration
}

// Limits are how many requests a sliding window takes from an address, and about one user, client or token.
type Limits struct {
	Window            time.Duration
	Address, Identity int
}

// Config is what an issuer needs to run.
type Config struct {
	// URL is the issuer address as tokens name it, e.g. https://127.0.0.1:8443/realms/fusionems; requests arrive below its path.
	URL string
	// Audience is the resource that access tokens are for.
	Audience string
	// RealmFile holds people and applications; a change is noticed without a restart.
	RealmFile string
	// SigningKeyFile holds the private key; it is made where it is missing.
	SigningKeyFile string
	// DatabaseURL is a PostgreSQL login that owns the schema named issuer.
	DatabaseURL string
	// Scopes answers the union of the scopes of some roles.
	Scopes func(roles []string) []string

	AccessLifetime time.Duration
	RefreshIdle    time.Duration
	SessionMax     time.Duration
	// BrowserIdle is how long after an authorization a browser is let in again without a question.
	BrowserIdle time.Duration
	// FlowLifetime is how long a sign-in may take, and CodeLifetime how long its code may lie before the client redeems it.
	FlowLifetime, CodeLifetime time.Duration
	Lockout                    Lockout

	// DemoAuthenticator makes the pages show the current code of users that the realm marks as demo users. It is for trying the
	// fleet out on one machine, and for nothing else.
	DemoAuthenticator bool

	// RedisURL is the Redis-protocol server that replicas count requests in, and RedisTLS how its certificate is verified.
	RedisURL string
	RedisTLS *tls.Config
	Limits   Limits

	Now func() time.Time
	Log *slog.Logger
}

// Defaults are Keycloak's session times with the access token lifetime, the longest session and the lockout that the fleet's
// rules name.
func Defaults() Config {
	return Config{
		Audience:       "fusionems-gateway",
		AccessLifetime: 15 * time.Minute,
		RefreshIdle:    30 * time.Minute,
		SessionMax:     12 * time.Hour,
		BrowserIdle:    15 * time.Minute,
		FlowLifetime:   10 * time.Minute,
		CodeLifetime:   time.Minute,
		Lockout:        Lockout{Failures: 5, Duration: 30 * time.Minute},
		// An address may be a whole station's, all signing in at the change of shift; a code serves once in half a minute, so
		// no person needs more than a few requests.
		Limits: Limits{Window: time.Minute, Address: 600, Identity: 60},
		Now:    time.Now,
		Log:    slog.Default(),
	}
}

// Provider is the issuer; Handler serves it.
type Provider struct {
	cfg      Config
	path     string
	realm    *realmFile
	store    *store
	mint     *minter
	counters *counters
	sealer   *sealer
	pages    *pages.Set

	// hashing bounds how many password hashes are computed at once: they are slow by design, and without a bound a few
	// hundred wrong logins would take the processor from everybody.
	hashing chan struct{}
	// absent is what an unknown user's password is compared with, so that the answer takes as long as for a known one.
	absent []byte
}

// New opens an issuer.
func New(ctx context.Context, cfg Config) (*Provider, error) {
	u, err := url.Parse(cfg.URL)
	if err != nil || u.Scheme != "https" || strings.HasSuffix(u.Path, "/") {
		return nil, errors.New("issuer url: want https://host:port/realms/name without a slash at the end")
	}
	if cfg.Scopes == nil {
		return nil, errors.New("issuer: a table of roles and scopes is required")
	}
	realm, err := openRealm(cfg.RealmFile)
	if err != nil {
		return nil, err
	}
	key, err := loadSigningKey(cfg.SigningKeyFile)
	if err != nil {
		return nil, err
	}
	mint, err := newMinter(cfg.URL, cfg.Audience, key, cfg.AccessLifetime)
	if err != nil {
		return nil, err
	}
	counters, err := newCounters(cfg, key)
	if err != nil {
		return nil, err
	}
	sealer, err := newSealer(key)
	if err != nil {
		return nil, err
	}
	set, err := pages.New()
	if err != nil {
		return nil, err
	}
	absent, err := bcrypt.GenerateFromPassword([]byte(NewSecret()), bcrypt.DefaultCost)
	if err != nil {
		return nil, err
	}
	st, err := openStore(ctx, cfg.DatabaseURL)
	if err != nil {
		return nil, err
	}
	return &Provider{
		cfg: cfg, path: u.Path, realm: realm, store: st, mint: mint, counters: counters, sealer: sealer, pages: set,
		hashing: make(chan struct{}, runtime.GOMAXPROCS(0)), absent: absent,
	}, nil
}

// Close releases the database.
func (p *Provider) Close() { p.store.pool.Close() }

// Run keeps the connection to the counters and deletes expired state, until the context ends. Before it has reached the
// counters no token is issued.
func (p *Provider) Run(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return p.counters.limiter.Run(ctx) })
	g.Go(func() error { return p.prune(ctx) })
	return g.Wait()
}

// prune deletes expired state every few minutes.
func (p *Provider) prune(ctx context.Context) error {
	tick := time.NewTicker(5 * time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := p.store.prune(ctx, p.cfg.Now(), p.cfg.Lockout); err != nil && ctx.Err() == nil {
				p.cfg.Log.Warn("expired logins not deleted", "error", err)
			}
		}
	}
}

func (p *Provider) currentRealm() *Realm {
	realm, err := p.realm.current()
	if err != nil {
		p.cfg.Log.Error("realm file not readable, the last good one stays in force", "error", err)
	}
	return realm
}

// passwordMatches compares in the time of one hash whether the user exists or not.
func (p *Provider) passwordMatches(u *User, password string) bool {
	p.hashing <- struct{}{}
	defer func() { <-p.hashing }()
	if u == nil {
		_ = bcrypt.CompareHashAndPassword(p.absent, []byte(password))
		return false
	}
	return bcrypt.CompareHashAndPassword([]byte(u.PasswordHash), []byte(password)) == nil
}

// minutes is a duration as a person reads it.
func minutes(d time.Duration) string {
	n := int(math.Ceil(d.Minutes()))
	if n == 1 {
		return "1 minute"
	}
	return strconv.Itoa(n) + " minutes"
}
