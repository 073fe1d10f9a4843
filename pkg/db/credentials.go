package db

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
)

// renewedCredentials gives each new connection the user and the password that are in force now. A file that is half replaced, or gone, is no reason
// to fail: the last ones that could be read are tried, and the next connection asks again.
func renewedCredentials(renewed func() (string, error)) func(context.Context, *pgx.ConnConfig) error {
	var mu sync.Mutex
	var last *pgx.ConnConfig
	return func(_ context.Context, cc *pgx.ConnConfig) error {
		mu.Lock()
		defer mu.Unlock()
		if url, err := renewed(); err == nil {
			if now, err := pgx.ParseConfig(url); err == nil {
				last = now
			}
		}
		if last != nil {
			cc.User, cc.Password = last.User, last.Password
		}
		return nil
	}
}
