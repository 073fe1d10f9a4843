package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"time"

	"github.com/fusionems/quantum/deploy/local/demo"
)

// demoPatience is how long the demo charts may take to become cases, claims and facts.
const demoPatience = time.Minute

// provisionDemo sees to it that the demo agencies, people and charts are there. It answers nil when nothing was imported.
func (f *Fleet) provisionDemo(ctx context.Context) (*demo.Summary, error) {
	profiles := demo.Profiles()
	accounts, err := f.accounts(profiles)
	if err != nil {
		return nil, err
	}
	edge, err := demo.NewEdge(f.gatewayURL(), f.env["OIDC_ISSUER"], f.auth.caFile())
	if err != nil {
		return nil, err
	}
	edge.Directory = f.opts.Directory
	save := func() error { return f.saveAccounts(accounts) }
	if f.opts.Directory != nil {
		// Whoever is in the file may not be in the directory, nor may it know them by the same ids.
		save = func() error { return errors.Join(f.opts.Directory.Put(ctx, accounts), f.saveAccounts(accounts)) }
		if err := save(); err != nil {
			return nil, err
		}
	}
	if !accounts.Provisioned {
		f.say("Registering the demo agencies")
		if err := demo.Provision(ctx, edge, accounts, profiles, save); err != nil {
			return nil, fmt.Errorf("demo agencies: %w", err)
		}
	}
	if err := accounts.Env(f.env); err != nil {
		return nil, err
	}
	if f.opts.NoCharts || accounts.ChartsImported {
		return nil, nil
	}
	return f.importCharts(ctx, edge, accounts, profiles)
}

func (f *Fleet) importCharts(ctx context.Context, edge *demo.Edge, accounts *demo.Accounts, profiles []demo.Profile) (*demo.Summary, error) {
	documents, err := demo.Documents(accounts.Base)
	if err != nil {
		return nil, fmt.Errorf("demo charts: %w", err)
	}
	f.say("Importing %d demo charts", len(documents))
	if err := demo.Import(ctx, edge, accounts, documents); err != nil {
		return nil, err
	}
	accounts.ChartsImported = true
	if err := f.saveAccounts(accounts); err != nil {
		return nil, err
	}
	summary, err := demo.Await(ctx, edge, accounts, profiles, demoPatience)
	if summary == nil {
		return nil, err
	}
	if err != nil {
		// A fleet that is slow to digest is still a fleet; who looks on sees the counts and why they are not final.
		f.say("Not final: %v", err)
	}
	return summary, nil
}

// accounts reads the demo logins of this installation, or makes them.
func (f *Fleet) accounts(profiles []demo.Profile) (*demo.Accounts, error) {
	raw, err := os.ReadFile(f.layout.demoFile())
	if errors.Is(err, fs.ErrNotExist) {
		var slugs []string
		for _, p := range profiles {
			slugs = append(slugs, p.Slug)
		}
		a, err := demo.NewAccounts(slugs, time.Now())
		if err != nil {
			return nil, err
		}
		return a, f.saveAccounts(a)
	}
	if err != nil {
		return nil, err
	}
	a := &demo.Accounts{}
	if err := json.Unmarshal(raw, a); err != nil {
		return nil, err
	}
	a.Complete()
	return a, f.saveAccounts(a)
}

func (f *Fleet) saveAccounts(a *demo.Accounts) error {
	raw, err := jsonIndent(a)
	if err != nil {
		return err
	}
	if err := writeFile(f.layout.demoFile(), raw, 0o600); err != nil {
		return err
	}
	return f.writeRealm(a.Realm())
}

func jsonIndent(v any) ([]byte, error) { return json.MarshalIndent(v, "", "  ") }

// redacted shows where a server is without the password to it.
func redacted(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "(unreadable)"
	}
	u.RawQuery = ""
	return u.Redacted()
}
