package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/fusionems/quantum/deploy/local/demo"
	"github.com/fusionems/quantum/deploy/local/supervise"
)

// Options say where and how a fleet runs.
type Options struct {
	// Dir is the fleet's directory, .run for `make up`. It is made where it is missing.
	Dir string
	// Bin is where the binaries are; <Dir>/bin when empty. Build makes them.
	Bin string
	// Out hears what is being done, a line each; nil for nothing.
	Out io.Writer
	// Getenv answers DATABASE_URL, NATS_URL, REDIS_URL and OIDC_ISSUER, which name real servers instead of the embedded ones, and
	// OIDC_AUDIENCE, the audience of the provider's tokens, with OIDC_CLIENT_ID and OIDC_CLIENT_SECRET_FILE, the client that people
	// sign in by, and OIDC_CA_FILE, the authority of its certificate where that is none of the system's; CA_CERT_FILE and CA_KEY_FILE
	// with BILLING_CA_CERT_FILE and BILLING_CA_KEY_FILE, authorities instead of ones made for this run; and OTLP_ENDPOINT, a collector
	// for traces.
	// nil means none: a test must not take up what happens to be in its environment.
	Getenv func(string) string
	// Directory is the provider that OIDC_ISSUER names, for the demo's people; without one there are none.
	Directory demo.Directory
	// Ports are asked for by name where they are free, e.g. {"gateway": 20443}: a provider that is not the fleet's own must know where it is.
	Ports map[string]int
	// NoDemo leaves out the demo agencies, people and charts.
	NoDemo bool
	// NoCharts leaves out the demo charts only.
	NoCharts bool
	// Extra are more variables for one process by name, e.g. {"qa": {"FLEET_LOG_LEVEL=debug"}}.
	Extra map[string][]string
}

// startTimeout bounds the start as a whole; the longest honest part of it is the installation of PostgreSQL.
const startTimeout = 5 * time.Minute

// Fleet is a running fleet.
type Fleet struct {
	opts   Options
	layout layout
	lock   *lock
	super  *supervise.Supervisor
	auth   *authority

	mu      sync.Mutex // guards state
	state   State
	env     map[string]string
	summary *demo.Summary
}

// Start starts a fleet and returns when it is ready, demo charts and all. It is a *RunningError when the directory has one.
func Start(ctx context.Context, o Options) (*Fleet, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	o.Dir = dir
	if o.Bin == "" {
		o.Bin = filepath.Join(dir, "bin")
	}
	if o.Out == nil {
		o.Out = io.Discard
	}
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	f := &Fleet{opts: o, layout: layout{dir}, env: map[string]string{}}
	if err := f.layout.make(); err != nil {
		return nil, err
	}
	if f.lock, err = takeLock(f.layout); err != nil {
		return nil, err
	}
	if err := f.start(ctx); err != nil {
		f.Stop()
		return nil, err
	}
	return f, nil
}

func (f *Fleet) start(ctx context.Context) error {
	before, err := ReadState(f.opts.Dir)
	if err != nil {
		return err
	}
	wanted := maps.Clone(f.opts.Ports)
	if wanted == nil {
		wanted = map[string]int{}
	}
	maps.Copy(wanted, before.Ports)
	ports, err := assignPorts(portNames(), wanted)
	if err != nil {
		return err
	}
	f.state = State{PID: os.Getpid(), Ports: ports}
	if f.super, err = supervise.New(f.layout.logs(), f.saveState); err != nil {
		return err
	}
	if err := f.makeCertificates(); err != nil {
		return err
	}
	for _, step := range []func(context.Context) error{
		f.startPostgres, f.startBackbone, f.migrate, f.startServices, f.startGateway, f.provision,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	f.mu.Lock()
	f.state.Ready, f.state.Addresses = true, f.addresses()
	f.mu.Unlock()
	f.saveState()
	return nil
}

func (f *Fleet) makeCertificates() error {
	auth, err := f.authority()
	if err != nil {
		return err
	}
	f.auth = auth
	for _, name := range append(append(slices.Clone(serviceNames), gatewayName, operatorName), backboneNames...) {
		if err := auth.issue(name); err != nil {
			return err
		}
	}
	f.env["CA_FILE"] = auth.caFile()
	return nil
}

// provision writes fleet.env and fills the demo agencies.
func (f *Fleet) provision(ctx context.Context) error {
	f.env["GATEWAY_URL"] = f.gatewayURL()
	if (f.embedded("OIDC_ISSUER") || f.opts.Directory != nil) && !f.opts.NoDemo {
		summary, err := f.provisionDemo(ctx)
		if err != nil {
			return err
		}
		f.summary = summary
	}
	return writeEnv(f.layout.envFile(), f.env)
}

// Env is the content of fleet.env.
func (f *Fleet) Env() map[string]string { return maps.Clone(f.env) }

// Dir is the fleet's directory.
func (f *Fleet) Dir() string { return f.opts.Dir }

// Kill sends SIGKILL to one process by its name (clinical, gateway, postgres, nats, …); it comes back by itself.
func (f *Fleet) Kill(name string) error { return f.super.Kill(name) }

// Processes lists all processes in the order of their start.
func (f *Fleet) Processes() []supervise.Status { return f.super.Status() }

// WaitReady returns when every process is ready, as it is again some time after a Kill.
func (f *Fleet) WaitReady(ctx context.Context) error {
	for {
		var waiting []string
		for _, p := range f.super.Status() {
			if p.State != supervise.Running {
				waiting = append(waiting, p.Name)
				continue
			}
			probe, cancel := context.WithTimeout(ctx, 2*time.Second)
			if f.super.Ready(probe, p.Name) != nil {
				waiting = append(waiting, p.Name)
			}
			cancel()
		}
		if len(waiting) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not ready: %v: %w", waiting, ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Stop stops everything in order: first what takes requests, then the services, then what they stand on.
func (f *Fleet) Stop() {
	if f.super != nil {
		f.super.Close([]string{gatewayName}, serviceNames, []string{"issuer"}, []string{"nats", "redis"}, []string{"postgres"})
	}
	f.mu.Lock()
	f.state.Ready, f.state.PID = false, 0
	f.mu.Unlock()
	f.saveState()
	f.lock.release()
}

// saveState writes state.json. A failure is no reason to stop a fleet: the file is for people who look.
func (f *Fleet) saveState() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.state.Ports == nil {
		return
	}
	f.state.Processes = f.super.Status()
	raw, err := jsonIndent(f.state)
	if err == nil {
		err = writeFile(f.layout.stateFile(), raw, 0o644)
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		fmt.Fprintln(f.opts.Out, "state.json not written:", err)
	}
}

func (f *Fleet) say(format string, args ...any) { fmt.Fprintf(f.opts.Out, format+"\n", args...) }

// embedded tells whether an outside part is the fleet's own.
func (f *Fleet) embedded(variable string) bool { return f.opts.Getenv(variable) == "" }

// Summary says what came of the demo charts; nil when this start imported none.
func (f *Fleet) Summary() *demo.Summary { return f.summary }

// Addresses are what the fleet can be reached at.
func (f *Fleet) Addresses() []Address {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.state.Addresses)
}
