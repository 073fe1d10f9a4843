package issuer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"
)

// ErrNoUser is the answer to a name that no user of the realm has.
var ErrNoUser = errors.New("no user has this name")

// Unlock forgets the failures of a user, on behalf of an administrator, and says whether the name was locked. The log names the
// user by its id, as all of the issuer's log does.
func Unlock(ctx context.Context, databaseURL, realmFile, username string, now time.Time, log *slog.Logger) (bool, error) {
	realm, err := ReadRealm(realmFile)
	if err != nil {
		return false, err
	}
	name := strings.ToLower(strings.TrimSpace(username))
	user := realm.byName[name]
	if user == nil {
		return false, ErrNoUser
	}
	st, err := connect(ctx, databaseURL)
	if err != nil {
		return false, fmt.Errorf("database of the issuer: %w", err)
	}
	defer st.pool.Close()
	locked, err := st.unlock(ctx, name, now)
	if err == nil {
		log.Warn("login unlocked by an administrator", "subject", user.ID, "locked", locked)
	}
	return locked, err
}
