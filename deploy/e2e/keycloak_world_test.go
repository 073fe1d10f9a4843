//go:build e2e && keycloak

package e2e

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fusionems/quantum/deploy/keycloak"
	"github.com/fusionems/quantum/deploy/keycloak/directory"
	kcserver "github.com/fusionems/quantum/deploy/keycloak/server"
	"github.com/fusionems/quantum/deploy/keycloak/signin"
	"github.com/fusionems/quantum/deploy/local"
	"github.com/fusionems/quantum/pkg/testkit/pki"
)

// startPatience bounds the start of everything. The first time on a machine Keycloak is downloaded and built.
const startPatience = 20 * time.Minute

const (
	realmName  = "fusionems"
	portalID   = "fusionems-portal"
	careFusion = "carefusion"
)

// realmFiles are imported at the start, each by its realm's name.
var realmFiles = map[string]string{
	realmName:  "../keycloak/fusionems-realm.json",
	careFusion: "../../services/carefusion/keycloak/carefusion-realm.json",
}

// world is a Keycloak and what the tests hold of it.
type world struct {
	server *kcserver.Server
	values map[string]string
	people *directory.Directory
	pki    string
	// imported is what each realm was after the first start, restarted after the second, which met it there.
	imported, restarted map[string]keycloak.Realm
	password            string
}

var kc world

// startFleet starts a Keycloak with both realms, and a fleet that knows no other provider.
func startFleet(ctx context.Context, dir, bin string) (stop func(), err error) {
	stop = func() {
		if fleet != nil {
			fleet.Stop()
		}
		if kc.server != nil {
			kc.server.Stop()
		}
	}
	ports, err := local.FreePorts("gateway", "keycloak", "keycloak-management", "carefusion")
	if err != nil {
		return stop, err
	}
	gateway := fmt.Sprintf("https://127.0.0.1:%d", ports["gateway"])
	kc.password = rand.Text()
	kc.values = map[string]string{
		"FUSIONEMS_PUBLIC_URL": gateway, "FUSIONEMS_PORTAL_SECRET": rand.Text(),
		"CAREFUSION_PUBLIC_URL": fmt.Sprintf("https://127.0.0.1:%d", ports["carefusion"]),
	}
	if err := kc.start(ctx, filepath.Join(dir, "keycloak"), ports); err != nil {
		return stop, err
	}
	secret := filepath.Join(kc.pki, "portal-secret")
	if err := os.WriteFile(secret, []byte(kc.values["FUSIONEMS_PORTAL_SECRET"]+"\n"), 0o600); err != nil {
		return stop, err
	}
	settings := map[string]string{
		"OIDC_ISSUER": kc.server.Issuer(realmName), "OIDC_CA_FILE": filepath.Join(kc.pki, "ca.crt"), "OIDC_CLIENT_SECRET_FILE": secret,
	}
	kc.people = &directory.Directory{
		Admin: kc.admin(realmName), Scopes: []string{"basic", "fleet", "epcr:import"},
		Portal: signin.Client{
			Issuer: kc.server.Issuer(realmName), ID: portalID, Secret: kc.values["FUSIONEMS_PORTAL_SECRET"],
			RedirectURI: gateway + "/auth/callback", HTTP: kc.server.Client(),
		},
	}
	fleet, err = local.Start(ctx, local.Options{
		Dir: dir, Bin: bin, Out: os.Stderr, Directory: kc.people, Getenv: func(k string) string { return settings[k] },
		Ports: map[string]int{"gateway": ports["gateway"]},
	})
	return stop, err
}

// start starts Keycloak twice: the second time the realms are there already.
func (w *world) start(ctx context.Context, dir string, ports map[string]int) error {
	cache, err := kcserver.Cache()
	if err != nil {
		return err
	}
	say := func(s string) { fmt.Fprintln(os.Stderr, s) }
	home, err := kcserver.Prepare(ctx, cache, say)
	if err != nil {
		return err
	}
	w.pki = filepath.Join(dir, "pki")
	if err := os.MkdirAll(w.pki, 0o700); err != nil {
		return err
	}
	ca, err := pki.New()
	if err != nil {
		return err
	}
	files, err := ca.WriteFiles(w.pki, "keycloak")
	if err != nil {
		return err
	}
	options := kcserver.Options{
		Home: home, Dir: dir, Port: ports["keycloak"], ManagementPort: ports["keycloak-management"],
		CertFile: files.Cert, KeyFile: files.Key, CAFile: files.CA, Values: w.values, AdminPassword: w.password,
	}
	for _, f := range realmFiles {
		options.Realms = append(options.Realms, f)
	}
	say("Starting Keycloak " + kcserver.Version + ", which imports the realms")
	if w.server, err = kcserver.Start(ctx, options); err != nil {
		return err
	}
	if w.imported, err = w.exports(ctx); err != nil {
		return err
	}
	w.server.Stop()
	say("Starting Keycloak again, which finds the realms there")
	if w.server, err = kcserver.Start(ctx, options); err != nil {
		return err
	}
	w.restarted, err = w.exports(ctx)
	return err
}

func (w *world) admin(realm string) *keycloak.Admin {
	return keycloak.ByPassword(w.server.Client(), w.server.URL(), realm, kcserver.AdminUser, w.password)
}

func (w *world) exports(ctx context.Context) (map[string]keycloak.Realm, error) {
	out := map[string]keycloak.Realm{}
	for name := range realmFiles {
		r, err := w.admin(name).Export(ctx)
		if err != nil {
			return nil, err
		}
		out[name] = r
	}
	return out, nil
}

// personToken signs a person in by Keycloak's pages.
func personToken(t testing.TB, u user) string {
	t.Helper()
	token, err := kc.people.Person(t.Context(), u.Name, env(t, "DEMO_PASSWORD"), u.TOTPSecret)
	if err != nil {
		t.Fatalf("sign-in of %s: %v", u.Name, err)
	}
	return token.AccessToken
}

func machineToken(t testing.TB, c client) string {
	t.Helper()
	token, err := kc.people.Machine(t.Context(), c.ID, c.Secret)
	if err != nil {
		t.Fatalf("token of %s: %v", c.ID, err)
	}
	return token.AccessToken
}
