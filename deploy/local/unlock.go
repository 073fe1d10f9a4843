package local

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/fusionems/quantum/deploy/local/issuer"
	"github.com/fusionems/quantum/pkg/obs"
)

// Unlock lets a user who failed too often sign in again at the embedded identity provider, and says whether the name was locked.
// It is recorded where the provider records its refusals.
func Unlock(ctx context.Context, dir, username string) (bool, error) {
	l := layout{dir}
	database, err := os.ReadFile(l.secret("url-" + issuerLogin))
	if err != nil {
		return false, fmt.Errorf("no fleet has been started here yet: %w", err)
	}
	record, err := os.OpenFile(l.path("logs", "issuer.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return false, err
	}
	defer record.Close()
	log := obs.NewLogger(record, "issuer", slog.LevelInfo)
	return issuer.Unlock(ctx, strings.TrimSpace(string(database)), l.realmFile(), username, time.Now(), log)
}
