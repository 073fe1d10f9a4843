package session

import (
	"context"
	"encoding/json"
	"time"

	"github.com/redis/rueidis"
)

// Flow is a sign-in under way: what the answer of the issuer must fit.
type Flow struct {
	// Binding is the digest of the cookie of the browser that began it.
	Binding  string
	Nonce    string
	Verifier string
	// Return is the path to go to afterwards.
	Return string
	// StepUp is the session whose second factor is confirmed anew, "" for a sign-in.
	StepUp Ref
	Began  time.Time
}

// flowLife is how long a person may take at the issuer.
const flowLife = 10 * time.Minute

func flowKey(state string) string { return "fleet:signin:" + digest(state) }

// Begin keeps a flow under its state.
func (m *Manager) Begin(ctx context.Context, state string, f Flow) error {
	raw, err := json.Marshal(f)
	if err != nil {
		return err
	}
	sealed, err := m.seal.seal(ctx, flowKey(state), raw)
	if err != nil {
		return err
	}
	c, err := m.store.connection()
	if err != nil {
		return err
	}
	if err := c.Do(ctx, c.B().Set().Key(flowKey(state)).Value(sealed).PxMilliseconds(flowLife.Milliseconds()).Build()).Error(); err != nil {
		return away(err)
	}
	return nil
}

// Take ends a flow: a state serves once.
func (m *Manager) Take(ctx context.Context, state string) (Flow, bool, error) {
	var f Flow
	c, err := m.store.connection()
	if err != nil {
		return f, false, err
	}
	sealed, err := c.Do(ctx, c.B().Getdel().Key(flowKey(state)).Build()).ToString()
	switch {
	case rueidis.IsRedisNil(err):
		return f, false, nil
	case err != nil:
		return f, false, away(err)
	}
	raw, err := m.seal.open(ctx, flowKey(state), sealed)
	if err != nil || json.Unmarshal(raw, &f) != nil || m.now().Sub(f.Began) > flowLife {
		return Flow{}, false, nil
	}
	return f, true, nil
}
