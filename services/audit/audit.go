package audit

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"

	pkgaudit "github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/config"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/selftest"
	"github.com/fusionems/quantum/pkg/service"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	"github.com/fusionems/quantum/services/audit/internal/events"
	"github.com/fusionems/quantum/services/audit/internal/governance"
	"github.com/fusionems/quantum/services/audit/internal/rpc"
	"github.com/fusionems/quantum/services/audit/internal/store"
	"github.com/fusionems/quantum/services/audit/internal/tlog"
	"github.com/fusionems/quantum/services/audit/internal/trail"
)

// Settings of the service.
type Settings struct {
	service.Config
	CheckpointKey config.Secret `env:"CHECKPOINT_KEY,required" desc:"Private key that signs checkpoints, as printed by audit keygen; its name is the origin of the log."`
}

// Definition is the audit service.
func Definition() service.Definition {
	return service.Definition{
		Name: "audit", Migrations: store.Migrations,
		NewSettings: func() service.Settings { return &Settings{} },
		Register:    register,
		Commands: map[string]service.Command{
			"verify": {Help: "compute the log again from its rows and say where it was altered", Run: verifyCommand},
			"keygen": {Help: "print a new checkpoint key for the log of the given name", Run: keygenCommand},
		},
	}
}

func register(_ context.Context, k *service.Kit) error {
	settings, ok := k.Settings.(*Settings)
	if !ok {
		return errSettings
	}
	signer, err := tlog.NewSigner(settings.CheckpointKey.Reveal())
	if err != nil {
		return err
	}
	catalog, err := governance.LoadCatalog()
	if err != nil {
		return err
	}
	policies := governance.New(catalog, store.NewPolicies(k.DB), k.Clock.Now)
	appender := trail.NewAppender(signer, k.Clock.Now, rand.Reader)
	reader := trail.NewReader(store.NewLog(k.DB))
	auditv1.RegisterEventServiceServer(k.Server, rpc.NewEvents(reader, k.Pages, signer.VerifierKey()))
	auditv1.RegisterAuditQueryServiceServer(k.Server, rpc.NewQuery(reader, k.Pages))
	auditv1.RegisterPolicyServiceServer(k.Server, rpc.NewPolicies(policies, k.Pages))
	auditv1.RegisterPolicyDistributionServiceServer(k.Server, rpc.NewDistribution(policies))
	k.Consume(events.Intake(appender))
	seeds := newSeeder(k, policies)
	k.Ready.Add("policies", seeds.ready)
	k.Run("seed-policies", seeds.run)
	k.SelfTest(signedCheckpoint(reader, signer))
	return nil
}

// signedCheckpoint asks whether the newest checkpoint is signed with this service's key and is of the tree that it says.
func signedCheckpoint(log *trail.Reader, signer *tlog.Signer) selftest.Check {
	return selftest.Check{Name: "audit log's checkpoint is signed with this key", Run: func(ctx context.Context) (string, error) {
		p := identity.ForService("audit", 0)
		p.ActingRole = "compliance_officer"
		head, err := log.Checkpoint(identity.With(ctx, p))
		if err != nil {
			return "", err
		}
		c, err := tlog.OpenCheckpoint(head.Note, signer.VerifierKey())
		if err != nil {
			return "", err
		}
		if c.Origin != signer.Origin() || c.Size != head.Size || !bytes.Equal(c.Root, head.Root) {
			return "", errors.New("the newest checkpoint is signed, and of another tree than the log's")
		}
		return "of " + c.Origin, nil
	}}
}

// asSystem is the service at work for nobody: on the platform, with a record of its own.
func asSystem(ctx context.Context, k *service.Kit, action string) context.Context {
	ctx = identity.With(ctx, identity.ForService(k.Name, 0))
	ctx, _ = pkgaudit.Start(ctx, k.Name, action, k.Clock.Now)
	return ctx
}
