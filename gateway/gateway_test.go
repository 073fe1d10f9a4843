package gateway

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/go-jose/go-jose/v4"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/fusionems/quantum/gateway/internal/edge"
	"github.com/fusionems/quantum/gateway/internal/gatewaytest"
	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/config"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/obs"
	"github.com/fusionems/quantum/pkg/rpc"
	"github.com/fusionems/quantum/pkg/testkit/natstest"
	"github.com/fusionems/quantum/pkg/testkit/pki"
	"github.com/fusionems/quantum/pkg/tlsfile"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
)

type agency struct {
	agencyv1.UnimplementedMeServiceServer
	agencyv1.UnimplementedModuleRegistryServiceServer
	entered, release chan struct{}
}

func (a *agency) GetMe(ctx context.Context, _ *agencyv1.GetMeRequest) (*agencyv1.Me, error) {
	if a.entered != nil {
		a.entered <- struct{}{}
		<-a.release
	}
	p, _ := identity.From(ctx)
	return &agencyv1.Me{Subject: p.Subject}, nil
}

func (a *agency) GetModuleRegistry(context.Context, *agencyv1.GetModuleRegistryRequest) (*agencyv1.GetModuleRegistryResponse, error) {
	return &agencyv1.GetModuleRegistryResponse{Revision: 1}, nil
}

type noRecorder struct{}

func (noRecorder) Record(context.Context, *audit.Call) error { return nil }

// process is a gateway as `gateway serve` runs it, with everything around it but the insides of the services.
type process struct {
	t      *testing.T
	cfg    Config
	issuer *gatewaytest.Issuer
	agency *agency
	ready  map[string]*obs.Readiness
	client *http.Client
	cancel context.CancelFunc
	done   chan error
}

func free(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func start(t *testing.T) *process {
	t.Helper()
	p := &process{t: t, agency: &agency{}, ready: map[string]*obs.Readiness{}}
	dir := t.TempDir()
	ca, err := pki.New()
	check(t, err)
	files, err := ca.WriteFiles(dir, "gateway")
	check(t, err)

	p.issuer, err = gatewaytest.NewIssuer()
	check(t, err)
	handler := p.issuer.Config.Handler
	p.issuer.Close()
	secure := httptestTLS(t, ca, handler)
	p.issuer.URL = secure

	public, private, err := ed25519.GenerateKey(rand.Reader)
	check(t, err)
	der, err := x509.MarshalPKCS8PrivateKey(private)
	check(t, err)
	keyFile := filepath.Join(dir, "principal.pem")
	check(t, os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	_, kid, err := readPrincipalKey(keyFile)
	check(t, err)

	redisTLS, err := ca.TLS("redis")
	check(t, err)
	redisTLS.ClientAuth = tls.NoClientCert
	redis := miniredis.NewMiniRedis()
	redis.RequireAuth("a-long-enough-word")
	check(t, redis.StartTLS(redisTLS))
	t.Cleanup(redis.Close)

	natsTLS, err := ca.TLS("nats")
	check(t, err)
	nats := natstest.Start(t, natsTLS)

	p.cfg = Config{
		ListenAddr: free(t), AdminAddr: free(t), TLSCertFile: files.Cert, TLSKeyFile: files.Key, TLSCAFile: files.CA,
		Peers: p.services(ca, dir, jose.JSONWebKey{Key: public, KeyID: kid, Algorithm: "EdDSA", Use: "sig"}), PrincipalKeyFile: keyFile,
		Issuer: p.issuer.URL, Audience: gatewaytest.Audience, IssuerCAFile: files.CA, TokenMaxAge: 30 * time.Minute,
		ClientID: gatewaytest.ClientID, ClientSecret: gatewaytest.ClientSecret, SessionIdle: 15 * time.Minute, SessionMax: 12 * time.Hour,
		SessionKey:  config.Secret(gatewaytest.SessionKey()),
		RedisURL:    config.Secret("rediss://:a-long-enough-word@" + redis.Addr()),
		LimitWindow: time.Minute, LimitIdentity: 100, NATSURL: strings.Replace(nats.URL(), "nats://", "tls://", 1), LogLevel: "error",
		Timeout: 30 * time.Second, DocumentTimeout: 30 * time.Second, MaxBody: 1 << 20, MaxDocument: 20 << 20,
		AccessLogFile: filepath.Join(dir, "access.log"),
	}
	p.cfg.PublicURL = "https://" + p.cfg.ListenAddr
	check(t, p.cfg.Validate())
	pool := ca.Pool()
	p.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}, Timeout: time.Minute}
	ctx, cancel := context.WithCancel(context.Background())
	p.cancel, p.done = cancel, make(chan error, 1)
	go func() { p.done <- Run(ctx, p.cfg) }()
	t.Cleanup(func() { cancel(); p.client.CloseIdleConnections() })
	return p
}

// httptestTLS serves the issuer with a certificate of the fleet's authority.
func httptestTLS(t *testing.T, ca *pki.CA, h http.Handler) string {
	t.Helper()
	cfg, err := ca.TLS("issuer")
	check(t, err)
	cfg.ClientAuth = tls.NoClientCert
	ln, err := tls.Listen("tcp", "127.0.0.1:0", cfg)
	check(t, err)
	srv := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	go func() { _ = srv.Serve(ln) }()
	t.Cleanup(func() { _ = srv.Close() })
	return "https://" + ln.Addr().String()
}

// services starts a real server per service and returns FLEET_PEERS.
func (p *process) services(ca *pki.CA, dir string, key jose.JSONWebKey) string {
	t := p.t
	t.Helper()
	rules, err := authz.Load()
	check(t, err)
	jwks, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{key}})
	check(t, err)
	var peers []string
	for _, name := range edge.Services() {
		files, err := ca.WriteFiles(dir, name)
		check(t, err)
		source, err := tlsfile.Open(files)
		check(t, err)
		verifier, err := identity.NewVerifier(jwks, time.Now)
		check(t, err)
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		check(t, err)
		p.ready[name] = &obs.Readiness{}
		s, err := rpc.NewServer(rpc.ServerConfig{
			Service: name, Listener: ln, TLS: source, Table: rules, Verifier: verifier, Recorder: noRecorder{}, Ready: p.ready[name],
			Log: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(), Now: time.Now,
		})
		check(t, err)
		if name == "agency" {
			agencyv1.RegisterMeServiceServer(s, p.agency)
			agencyv1.RegisterModuleRegistryServiceServer(s, p.agency)
		}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { defer close(done); _ = s.Serve(ctx) }()
		t.Cleanup(func() { cancel(); <-done })
		peers = append(peers, name+"="+ln.Addr().String())
	}
	return strings.Join(peers, ",")
}

func (p *process) get(path, token string) (*http.Response, string) {
	p.t.Helper()
	req, err := http.NewRequest(http.MethodGet, "https://"+p.cfg.ListenAddr+path, nil)
	check(p.t, err)
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := p.client.Do(req)
	if err != nil {
		return nil, err.Error()
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	check(p.t, err)
	return resp, string(raw)
}

func (p *process) waitReady() {
	p.t.Helper()
	var last string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-p.done:
			p.t.Fatalf("ended: %v", err)
		default:
		}
		resp, body := p.get("/readyz", "")
		if resp != nil && resp.StatusCode == 200 {
			return
		}
		last = body
	}
	p.t.Fatalf("not ready: %s", last)
}

func (p *process) token() string {
	p.t.Helper()
	raw, err := p.issuer.Token(p.issuer.Claims(time.Now(), nil))
	check(p.t, err)
	return raw
}

func TestProcess(t *testing.T) {
	p := start(t)
	p.waitReady()
	resp, body := p.get("/api/me", p.token())
	if resp == nil || resp.StatusCode != 200 || !strings.Contains(body, `"u-1"`) || resp.ProtoMajor != 2 {
		t.Fatalf("%v %s", resp, body)
	}
	for path, want := range map[string]string{
		"/healthz": "application/json", "/readyz": "application/json", "/openapi.json": "application/json", "/docs": "text/html; charset=utf-8",
	} {
		if path == "/readyz" {
			p.waitReady() // as long as each service answers in time
		}
		resp, body := p.get(path, "")
		if resp == nil || resp.StatusCode != 200 || resp.Header.Get("Content-Type") != want || resp.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %v %.100s", path, resp, body)
		}
	}
	for _, path := range []string{"/metrics", "/debug/pprof/", "/", "/docs/x"} {
		if resp, _ := p.get(path, ""); resp == nil || resp.StatusCode != 404 || resp.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %v", path, resp)
		}
	}
	p.servesThePortal()
	p.notReady()
	p.metrics()
	p.drains()
}

// servesThePortal asks for pages as a browser does: the portal, or that it is not built, and never without its policy.
func (p *process) servesThePortal() {
	p.t.Helper()
	p.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for path, want := range map[string][]int{"/": {200, 503}, "/charts/1": {200, 503}, "/assets/none-a1.js": {404}, "/auth/login": {303}, "/auth/none": {404}} {
		req, err := http.NewRequest(http.MethodGet, "https://"+p.cfg.ListenAddr+path, nil)
		check(p.t, err)
		req.Header.Set("Accept", "text/html")
		resp, err := p.client.Do(req)
		check(p.t, err)
		resp.Body.Close()
		if !slices.Contains(want, resp.StatusCode) || !strings.Contains(resp.Header.Get("Content-Security-Policy"), "default-src 'none'") {
			p.t.Errorf("%s: %d %v", path, resp.StatusCode, resp.Header)
		}
	}
}

// notReady takes one service away and looks for its name and nothing of the cause.
func (p *process) notReady() {
	t := p.t
	t.Helper()
	p.ready["billing"].Add("database", func(context.Context) error { return fmt.Errorf("dial 10.0.0.5: password of billing_login") })
	var answer struct {
		Status     string
		Conditions map[string]string
	}
	// The others are ready too when they were asked in time.
	expected := func() bool {
		return answer.Status == "not ready" && answer.Conditions["billing"] == "not ready: database" && answer.Conditions["qa"] == "ready" && answer.Conditions["modules"] == "ready"
	}
	for deadline := time.Now().Add(time.Minute); !expected(); time.Sleep(50 * time.Millisecond) {
		if resp, body := p.get("/readyz", ""); resp != nil && resp.StatusCode == 503 {
			check(t, json.Unmarshal([]byte(body), &answer))
		}
		if time.Now().After(deadline) {
			t.Fatalf("%+v", answer)
		}
	}
	if resp, _ := p.get("/healthz", ""); resp == nil || resp.StatusCode != 200 {
		t.Fatal("not alive because something else is not ready")
	}
}

func (p *process) metrics() {
	t := p.t
	t.Helper()
	resp, err := p.client.Get("https://" + p.cfg.AdminAddr + "/metrics")
	check(t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	check(t, err)
	if !strings.Contains(string(raw), `gateway_request_duration_seconds_count{method="GET",route="/api/me",status="200"} 1`) {
		t.Fatalf("no metrics of the call:\n%.2000s", raw)
	}
}

// drains stops the gateway while a request is under way: it is answered, and its record is written.
func (p *process) drains() {
	t := p.t
	t.Helper()
	p.agency.entered, p.agency.release = make(chan struct{}), make(chan struct{})
	got := make(chan int, 1)
	token := p.token()
	go func() {
		resp, _ := p.get("/api/me", token)
		if resp == nil {
			got <- 0
			return
		}
		got <- resp.StatusCode
	}()
	<-p.agency.entered
	p.cancel()
	time.Sleep(200 * time.Millisecond)
	close(p.agency.release)
	if code := <-got; code != 200 {
		t.Fatalf("the request under way got %d", code)
	}
	if err := <-p.done; err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(p.cfg.AccessLogFile)
	check(t, err)
	defer f.Close()
	calls := 0
	for s := bufio.NewScanner(f); s.Scan(); {
		if strings.Contains(s.Text(), `"endpoint":"/api/me"`) {
			calls++
		}
	}
	if calls != 2 {
		t.Fatalf("%d records of 2 calls", calls)
	}
}

func TestConfig(t *testing.T) {
	var out strings.Builder
	if code := Main(t.Context(), []string{"config"}, nil, &out, &out); code != 0 || !strings.Contains(out.String(), "FLEET_PRINCIPAL_KEY_FILE") {
		t.Fatal(code, out.String())
	}
	if code := Main(t.Context(), []string{"serve", "x"}, nil, &out, &out); code != 2 {
		t.Fatal(code)
	}
	env := []string{
		"FLEET_LISTEN_ADDR=:0", "FLEET_ADMIN_ADDR=:0", "FLEET_TLS_CERT_FILE=x", "FLEET_TLS_KEY_FILE=x", "FLEET_TLS_CA_FILE=x", "FLEET_PRINCIPAL_KEY_FILE=x",
		"FLEET_OIDC_ISSUER=https://i", "FLEET_NATS_URL=tls://n", "FLEET_REDIS_URL=rediss://:q8Zr4tWm1xLp0vNc@h:1",
		"FLEET_PUBLIC_URL=https://ems.example", "FLEET_OIDC_CLIENT_SECRET=q8Zr4tWm1xLp0vNc", "FLEET_SESSION_KEY=" + gatewaytest.SessionKey(),
		"FLEET_PEERS=agency=a:1,audit=a:2,billing=a:3,clinical=a:4,compliance=a:5,qa=a:6,reporting=a:7",
	}
	if code := Main(t.Context(), []string{"config", "check"}, env, &out, &out); code != 0 {
		t.Fatal(out.String())
	}
	for change, want := range map[string]string{
		"FLEET_OIDC_ISSUER=http://i":                    "https URL",
		"FLEET_REDIS_URL=redis://:q8Zr4tWm1xLp0vNc@h:1": "rediss URL",
		"FLEET_PEERS=agency=a:1":                        "no address of",
		"FLEET_PEERS=agency":                            "not name=host:port",
		"FLEET_TRUSTED_PROXIES=10.0.0.1":                "FLEET_TRUSTED_PROXIES",
		"FLEET_EDGE_CERT_FILE=x":                        "go together",
		"FLEET_LIMIT_WINDOW=1ms":                        "window",
		"FLEET_OPEN=1":                                  "FLEET_OPEN",
		"FLEET_PUBLIC_URL=https://ems.example/portal":   "FLEET_PUBLIC_URL",
		"FLEET_PUBLIC_URL=http://ems.example":           "FLEET_PUBLIC_URL",
		"FLEET_SESSION_KEY=c2hvcnQtYnV0LWJhc2U2NA==":    "FLEET_SESSION_KEY",
		"FLEET_SESSION_IDLE=13h":                        "FLEET_SESSION_MAX",
	} {
		out.Reset()
		name, _, _ := strings.Cut(change, "=")
		var changed []string
		for _, kv := range env {
			if !strings.HasPrefix(kv, name+"=") {
				changed = append(changed, kv)
			}
		}
		if code := Main(t.Context(), []string{"config", "check"}, append(changed, change), &out, &out); code != 1 || !strings.Contains(out.String(), want) {
			t.Errorf("%s: %d %s", change, code, out.String())
		}
	}
}

func TestPrincipalKey(t *testing.T) {
	dir := t.TempDir()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	check(t, err)
	raw, err := jose.JSONWebKey{Key: private, KeyID: "g-7", Algorithm: "EdDSA"}.MarshalJSON()
	check(t, err)
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		check(t, os.WriteFile(path, data, 0o600))
		return path
	}
	key, id, err := readPrincipalKey(write("key.jwk", raw))
	if err != nil || id != "g-7" || !key.Equal(private) {
		t.Fatal(id, err)
	}
	public, err := jose.JSONWebKey{Key: private.Public(), KeyID: "g-7"}.MarshalJSON()
	check(t, err)
	for name, data := range map[string][]byte{
		"public": public, "nonsense": []byte("{"), "pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")}),
	} {
		if _, _, err := readPrincipalKey(write(name, data)); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
	if _, _, err := readPrincipalKey(filepath.Join(dir, "absent")); err == nil {
		t.Error("an absent file was taken")
	}
}
