package clinical

import (
	"context"
	"fmt"
	_ "time/tzdata" // charts are counted by days of a zone also where the machine has no zone files

	"github.com/fusionems/quantum/pkg/config"
	"github.com/fusionems/quantum/pkg/crypt"
	"github.com/fusionems/quantum/pkg/service"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/clinical/internal/agencies"
	"github.com/fusionems/quantum/services/clinical/internal/events"
	"github.com/fusionems/quantum/services/clinical/internal/intake"
	"github.com/fusionems/quantum/services/clinical/internal/nemsis"
	"github.com/fusionems/quantum/services/clinical/internal/rpc"
	"github.com/fusionems/quantum/services/clinical/internal/store"
)

// Settings of the service.
type Settings struct {
	service.Config
	KEK config.Secret `env:"KEK,required" desc:"Key-encryption keys of the agencies' keys: lines of 32 random bytes in base64, the current one first."`
}

// framing is what a message needs beside the largest document. A larger document arrives and is refused by its own rule
// as long as it fits.
const framing = 4 << 20

// Definition is what makes this service.
func Definition() service.Definition {
	return service.Definition{
		Name:        "clinical",
		Migrations:  store.Migrations,
		NewSettings: func() service.Settings { return &Settings{} },
		MaxMessage:  nemsis.MaxSize + framing,
		Register:    register,
		Commands: map[string]service.Command{
			"rewrap": {Help: "wrap the keys of agencies with the first key-encryption key, as the schema's owner", Run: rewrapCommand},
		},
	}
}

func register(_ context.Context, k *service.Kit) error {
	settings, ok := k.Settings.(*Settings)
	if !ok {
		return fmt.Errorf("clinical: settings are %T", k.Settings)
	}
	kek, err := crypt.ParseKEK(settings.KEK.Reveal())
	if err != nil {
		return fmt.Errorf("clinical: FLEET_KEK: %w", err)
	}
	st, err := store.New(k.DB, crypt.NewEnvelope(kek), k.Clock)
	if err != nil {
		return err
	}
	agency, err := k.Conn("agency")
	if err != nil {
		return err
	}
	importer, err := intake.New(agencies.New(agencyv1.NewModuleRegistryServiceClient(agency)), st)
	if err != nil {
		return err
	}
	clinicalv1.RegisterChartServiceServer(k.Server, rpc.NewCharts(importer, st, k.Pages, k.Clock))
	clinicalv1.RegisterChartFactsServiceServer(k.Server, rpc.NewFacts(st))
	clinicalv1.RegisterPersonnelServiceServer(k.Server, rpc.NewPersonnel(st, k.Pages))
	k.Consume(events.Handlers(st)...)
	return nil
}
