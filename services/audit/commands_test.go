package audit

import (
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"

	"github.com/fusionems/quantum/pkg/config"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/services/audit/internal/leaf"
	"github.com/fusionems/quantum/services/audit/internal/store"
	"github.com/fusionems/quantum/services/audit/internal/tlog"
	"github.com/fusionems/quantum/services/audit/internal/trail"
)

func TestVerifyCommand(t *testing.T) {
	d, raw := pg.Open(t, pg.Service{Schema: "audit", Migrations: store.Migrations})
	key, public, err := note.GenerateKey(rand.Reader, "log.test/audit")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := tlog.NewSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	ctx := identity.With(t.Context(), identity.ForService("audit", 0))
	appender := trail.NewAppender(signer, time.Now, rand.Reader)
	err = d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return appender.Append(ctx, store.In(tx), []leaf.Record{{EventID: uuid.New(), AgencyID: 11, Stream: leaf.Human, Outcome: leaf.Success}})
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	keyFile, kept := filepath.Join(dir, "key"), filepath.Join(dir, "kept")
	signed, err := signer.Sign(9, make([]byte, tlog.HashSize))
	if err != nil {
		t.Fatal(err)
	}
	for file, text := range map[string]string{keyFile: key + "\n", kept: signed} {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	// Without a password: settings refuse the short one of test databases, which let everybody in.
	url := strings.Replace(raw.As(t, "audit_login", pg.LoginPassword), ":"+pg.LoginPassword+"@", "@", 1)
	environ := []string{"FLEET_DATABASE_URL=" + url, "FLEET_CHECKPOINT_KEY_FILE=" + keyFile, "FLEET_NATS_URL=of-the-service", "HOME=/"}
	for name, c := range map[string]struct {
		args, environ []string
		want          string
		altered       bool
	}{
		"of the environment":    {nil, environ, "OK origin=log.test/audit size=1", false},
		"of flags":              {[]string{"-database", url, "-key", public}, nil, "OK origin=log.test/audit size=1", false},
		"kept, of a longer log": {[]string{"-checkpoint", kept}, environ, "cut off the end", true},
	} {
		t.Run(name, func(t *testing.T) {
			var out strings.Builder
			err := verifyTo(t.Context(), &out, c.args, c.environ)
			if errors.Is(err, errAltered) != c.altered || (err != nil && !c.altered) || !strings.Contains(out.String(), c.want) {
				t.Errorf("%v:\n%s", err, out.String())
			}
		})
	}
	if err := verifyTo(t.Context(), os.Stderr, nil, []string{"FLEET_DATABASE_URL=" + url}); err == nil || !strings.Contains(err.Error(), "no public key") {
		t.Errorf("without a key: %v", err)
	}
}

func TestSettingsAreDescribed(t *testing.T) {
	table, err := config.Table(&Settings{})
	if err != nil || !strings.Contains(table, "FLEET_CHECKPOINT_KEY") {
		t.Errorf("%v\n%s", err, table)
	}
}
