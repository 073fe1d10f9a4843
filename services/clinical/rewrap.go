package clinical

import (
	"context"
	"fmt"
	"os"

	"github.com/fusionems/quantum/pkg/config"
	"github.com/fusionems/quantum/pkg/crypt"
	"github.com/fusionems/quantum/services/clinical/internal/store"
)

// rewrapSettings are what rewrap is told: no serving process knows both.
type rewrapSettings struct {
	MigratorDatabaseURL config.Secret `env:"MIGRATOR_DATABASE_URL,required" desc:"PostgreSQL URL of the role that owns the schema."`
	KEK                 config.Secret `env:"KEK,required" desc:"Key-encryption keys, the current one first, with all that stored keys are still wrapped with."`
}

func rewrapCommand(ctx context.Context, args, environ []string) error {
	if len(args) != 0 {
		return fmt.Errorf("rewrap takes no arguments, not %q", args)
	}
	var s rewrapSettings
	if err := config.Load(&s, environ); err != nil {
		return err
	}
	kek, err := crypt.ParseKEK(s.KEK.Reveal())
	if err != nil {
		return fmt.Errorf("FLEET_KEK: %w", err)
	}
	n, err := store.Rewrap(ctx, s.MigratorDatabaseURL.Reveal(), crypt.NewEnvelope(kek))
	if err != nil {
		return fmt.Errorf("%d keys were wrapped again, then: %w", n, err)
	}
	_, err = fmt.Fprintf(os.Stdout, "%d keys are wrapped with the first line; the others may go\n", n)
	return err
}
