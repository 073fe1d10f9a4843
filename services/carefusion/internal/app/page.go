package app

import (
	"github.com/fusionems/quantum/services/carefusion/internal/authn"
	"github.com/fusionems/quantum/services/carefusion/internal/config"
	"github.com/fusionems/quantum/services/carefusion/internal/seal"
	"github.com/fusionems/quantum/services/carefusion/internal/web"
)

// pageOf is what people see at the service's address, or nil where it has none of its own.
func pageOf(cfg config.Config, p Parts, verifier *authn.Verifier) (*web.Page, error) {
	if cfg.PublicURL == "" || p.Site == nil {
		return nil, nil
	}
	sealer, err := seal.DerivedFromFile(cfg.DataKeyFile, "carefusion browser sessions")
	if err != nil {
		return nil, err
	}
	client, err := trusting(cfg.IssuerCAFile, "CAREFUSION_ISSUER_CA_FILE")
	if err != nil {
		return nil, err
	}
	o := web.Options{Site: p.Site, PublicURL: cfg.PublicURL, Video: cfg.LiveKitURL, Issuer: cfg.Issuer, ClientID: cfg.ClientID, HTTP: client,
		Verifier: verifier, Sealer: sealer, Clock: p.Clock}
	if cfg.ClientSecretFile != "" {
		if o.Secret, err = config.Secret(cfg.ClientSecretFile); err != nil {
			return nil, err
		}
	}
	return web.New(o)
}
