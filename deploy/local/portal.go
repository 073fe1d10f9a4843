package local

import (
	"errors"
	"io/fs"

	"github.com/fusionems/quantum/deploy/local/issuer"
)

// portalClientID is the client by which the gateway signs people in with their browsers.
const portalClientID = "fusionems-portal"

// portalSecret is the file of the client's secret, made at random for each installation.
func (f *Fleet) portalSecret() string { return f.layout.secret("oidc-client") }

// portalClient is what the identity provider is told of the gateway. Its addresses hold the gateway's port, so they are told at
// each start.
func (f *Fleet) portalClient() (issuer.Client, error) {
	secret, err := f.layout.ensureSecret("oidc-client", randomSecret)
	if err != nil {
		return issuer.Client{}, err
	}
	return issuer.Client{
		ID: portalClientID, Name: "FusionEMS Quantum", SecretHash: issuer.HashSecret(secret), StandardFlow: true,
		RedirectURIs:           []string{f.gatewayURL() + "/auth/callback"},
		PostLogoutRedirectURIs: []string{f.gatewayURL() + "/signed-out"},
		InitiateLoginURI:       f.gatewayURL() + "/auth/login",
	}, nil
}

// registerPortal writes the client into the realm, beside whoever is there.
func (f *Fleet) registerPortal() error {
	realm, err := issuer.ReadRealm(f.layout.realmFile())
	if errors.Is(err, fs.ErrNotExist) {
		realm, err = &issuer.Realm{}, nil
	}
	if err != nil {
		return err
	}
	return f.writeRealm(realm)
}

func (f *Fleet) writeRealm(realm *issuer.Realm) error {
	client, err := f.portalClient()
	if err != nil {
		return err
	}
	realm.SetClient(client)
	return issuer.WriteRealm(f.layout.realmFile(), realm)
}

// portalEnv tells the gateway which client it is: the one registered here, or one of a provider that was named.
func (f *Fleet) portalEnv() []string {
	id, file := portalClientID, f.portalSecret()
	if !f.embedded("OIDC_ISSUER") {
		file = f.opts.Getenv("OIDC_CLIENT_SECRET_FILE")
		if given := f.opts.Getenv("OIDC_CLIENT_ID"); given != "" {
			id = given
		}
	}
	return []string{"FLEET_OIDC_CLIENT_ID=" + id, "FLEET_OIDC_CLIENT_SECRET_FILE=" + file}
}
