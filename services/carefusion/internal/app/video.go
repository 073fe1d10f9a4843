package app

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/fusionems/quantum/services/carefusion/internal/config"
	"github.com/fusionems/quantum/services/carefusion/internal/edge"
	"github.com/fusionems/quantum/services/carefusion/internal/room/livekit"
)

// trusting is a client that believes the CA in a file, or the system's.
func trusting(caFile, setting string) (*http.Client, error) {
	client := &http.Client{Timeout: 5 * time.Second}
	if caFile == "" {
		return client, nil
	}
	pool, err := poolOf(caFile, setting)
	if err != nil {
		return nil, err
	}
	client.Transport = &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, IdleConnTimeout: time.Minute}
	return client, nil
}

func poolOf(caFile, setting string) (*x509.CertPool, error) {
	text, err := os.ReadFile(caFile)
	if err != nil {
		return nil, fmt.Errorf("app: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("app: %s holds no certificate", setting)
	}
	return pool, nil
}

// videoOf is the LiveKit server that the settings name, or nil, and the way to it through this service's own address, or nil.
func videoOf(cfg config.Config, clock func() time.Time) (*livekit.Server, http.Handler, error) {
	if cfg.LiveKitAPIURL == "" {
		return nil, nil, nil
	}
	o, err := videoOptions(cfg, clock)
	if err != nil {
		return nil, nil, err
	}
	s, err := livekit.New(o)
	if err != nil || !cfg.LiveKitProxy {
		return s, nil, err
	}
	target, err := url.Parse(cfg.LiveKitAPIURL)
	if err != nil {
		return nil, nil, errors.New("app: CAREFUSION_LIVEKIT_API_URL is not an address")
	}
	return s, edge.Signals(target, o.Client.Transport), nil
}

func videoOptions(cfg config.Config, clock func() time.Time) (livekit.Options, error) {
	o := livekit.Options{APIURL: cfg.LiveKitAPIURL, URL: cfg.LiveKitURL, Clock: clock}
	line, err := config.Secret(cfg.LiveKitKeyFile)
	if err != nil {
		return o, err
	}
	if o.Key, o.Secret, err = livekit.ParseKey(line); err != nil {
		return o, err
	}
	turn := ""
	if cfg.TURNSecretFile != "" {
		if turn, err = config.Secret(cfg.TURNSecretFile); err != nil {
			return o, err
		}
	}
	if o.ICE, err = livekit.NewICE(cfg.ICEServers, turn); err != nil {
		return o, err
	}
	o.Client, err = trusting(cfg.LiveKitCAFile, "CAREFUSION_LIVEKIT_CA_FILE")
	return o, err
}

// hook takes what LiveKit tells, apart from the API: a network policy can let LiveKit in here and nowhere else.
func (a *App) hook(ctx context.Context, cert func(*tls.ClientHelloInfo) (*tls.Certificate, error)) error {
	l, err := adminListener(ctx, a.cfg.LiveKitHookAddr, cert)
	if err != nil {
		return err
	}
	srv := &http.Server{Handler: a.video.Hook(), ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10,
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)}
	stop := context.AfterFunc(ctx, func() { _ = srv.Close() })
	defer stop()
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
