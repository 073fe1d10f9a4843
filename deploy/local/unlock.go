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
	return besideIssuer(dir, func(databaseURL, realmFile string, log *slog.Logger) (bool, error) {
		return issuer.Unlock(ctx, databaseURL, realmFile, username, time.Now(), log)
	})
}

// ForgetAuthenticator lets a user enrol another authenticator in the place of one that is lost, ends all their sign-ins at the
// embedded identity provider, and says whether there was one.
func ForgetAuthenticator(ctx context.Context, dir, username string) (bool, error) {
	return besideIssuer(dir, func(databaseURL, realmFile string, log *slog.Logger) (bool, error) {
		return issuer.ForgetAuthenticator(ctx, databaseURL, realmFile, username, log)
	})
}

// besideIssuer does something for an administrator with the database of the embedded identity provider and its record.
func besideIssuer(dir string, do func(databaseURL, realmFile string, log *slog.Logger) (bool, error)) (bool, error) {
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
	return do(strings.TrimSpace(string(database)), l.realmFile(), obs.NewLogger(record, "issuer", slog.LevelInfo))
}
