package signin

import (
	"context"
	"encoding/base32"
	"sync"
	"time"

	"github.com/pquerna/otp/totp"
)

// base32Of is a secret as authenticators take it: Keycloak's page carries its bytes.
func base32Of(raw string) string { return base32.StdEncoding.EncodeToString([]byte(raw)) }

// Codes hands out one-time codes, each once: a code that is used again counts as a failure. The steps before and after the current one
// are good too, so that three sign-ins of one person fit into half a minute.
type Codes struct {
	mu   sync.Mutex
	used map[string]bool
}

const period = 30 * time.Second

// Next answers a code that nobody had, and waits for one if it must.
func (c *Codes) Next(ctx context.Context, secret string) (string, error) {
	for {
		now := time.Now()
		for _, step := range []time.Duration{0, -period, period} {
			code, err := totp.GenerateCode(secret, now.Add(step))
			if err != nil {
				return "", err
			}
			if c.take(secret + code) {
				return code, nil
			}
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(time.Until(now.Truncate(period).Add(period))):
		}
	}
}

func (c *Codes) take(key string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.used == nil {
		c.used = map[string]bool{}
	}
	free := !c.used[key]
	c.used[key] = true
	return free
}
