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
	st, user, err := administer(ctx, databaseURL, realmFile, username)
	if err != nil {
		return false, err
	}
	defer st.pool.Close()
	locked, err := st.unlock(ctx, strings.ToLower(user.Username), now)
	if err == nil {
		log.Warn("login unlocked by an administrator", "subject", user.ID, "locked", locked)
	}
	return locked, err
}

// ErrAuthenticatorGiven is the answer for a user whose authenticator is in the realm: there is nothing that was enrolled.
var ErrAuthenticatorGiven = errors.New("the authenticator of this user is given by the realm and was never enrolled")

// ForgetAuthenticator takes away the authenticator that a user enrolled and has lost, on behalf of an administrator, and says whether
// there was one. Whoever has it signs in nowhere with it any more: all that it has opened ends, and the next sign-in enrols another.
func ForgetAuthenticator(ctx context.Context, databaseURL, realmFile, username string, log *slog.Logger) (bool, error) {
	st, user, err := administer(ctx, databaseURL, realmFile, username)
	if err != nil {
		return false, err
	}
	defer st.pool.Close()
	if user.TOTPSecret != "" {
		return false, ErrAuthenticatorGiven
	}
	had, err := st.forgetAuthenticator(ctx, user.ID)
	if err == nil {
		log.Warn("authenticator taken away by an administrator", "subject", user.ID, "enrolled", had)
	}
	return had, err
}

// administer finds a user of the realm and opens the database beside the provider that serves it.
func administer(ctx context.Context, databaseURL, realmFile, username string) (*store, *User, error) {
	realm, err := ReadRealm(realmFile)
	if err != nil {
		return nil, nil, err
	}
	user := realm.byName[strings.ToLower(strings.TrimSpace(username))]
	if user == nil {
		return nil, nil, ErrNoUser
	}
	st, err := connect(ctx, databaseURL)
	if err != nil {
		return nil, nil, fmt.Errorf("database of the issuer: %w", err)
	}
	return st, user, nil
}
