package store_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/crypt"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/services/clinical/internal/intake"
	"github.com/fusionems/quantum/services/clinical/internal/store"
)

func kekLine(t testing.TB) string {
	t.Helper()
	key := make([]byte, 32)
	if _, err := rand.Read(key); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(key)
}

func envelopeOf(t testing.TB, lines ...string) *crypt.Envelope {
	t.Helper()
	kek, err := crypt.ParseKEK(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	return crypt.NewEnvelope(kek)
}

// TestKeysAreWrappedAgain: after a rotation the charts of both agencies open with the new key alone, and not with the old one alone.
func TestKeysAreWrappedAgain(t *testing.T) {
	old, next := kekLine(t), kekLine(t)
	f := open(t)
	f.envelope = envelopeOf(t, old)
	var err error
	if f.importer, err = intake.New(owners(), f.newStore(t)); err != nil {
		t.Fatal(err)
	}
	charts := map[int64][]byte{north: demo(t)[north]["stemi"].XML, south: demo(t)[south]["refusal-signed"].XML}
	ids := map[int64]uuid.UUID{}
	for agency, xml := range charts {
		ids[agency] = f.putOne(t, agency, xml).ChartID
	}
	opens := func(e *crypt.Envelope, want bool) {
		t.Helper()
		f.envelope = e
		replica := f.newStore(t)
		for agency, xml := range charts {
			got, err := replica.Document(as("supervisor", agency), ids[agency], 0)
			if ok := err == nil && bytes.Equal(got, xml); ok != want {
				t.Errorf("agency %d: opens: %v, want %v (%v)", agency, ok, want, err)
			}
		}
	}
	owner := f.pg.As(t, "clinical_migrator", pg.LoginPassword)

	if n, err := store.Rewrap(t.Context(), owner, envelopeOf(t, next)); err == nil || n != 0 {
		t.Errorf("without the old line: %d keys, %v", n, err)
	}
	opens(envelopeOf(t, old), true)
	for range 2 { // a run may be repeated
		if n, err := store.Rewrap(t.Context(), owner, envelopeOf(t, next, old)); err != nil || n != len(charts) {
			t.Fatalf("%d keys, %v", n, err)
		}
	}
	opens(envelopeOf(t, next), true)
	opens(envelopeOf(t, old), false)
	if _, err := store.Rewrap(t.Context(), f.pg.As(t, "clinical_login", pg.LoginPassword), envelopeOf(t, next)); err == nil {
		t.Error("the service's own login wrapped keys")
	}
}
