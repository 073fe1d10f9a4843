package limit_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/fusionems/quantum/pkg/limit"
)

// A rotation replaces the password in the server and in the file; connections after that use the new one, also when the file is gone for a moment.
func TestARotatedPasswordIsUsedWithoutARestart(t *testing.T) {
	m := miniredis.RunT(t)
	m.RequireAuth("the-first-word")
	url := func(password string) string { return "redis://:" + password + "@" + m.Addr() }
	var file atomic.Value
	file.Store(url("the-first-word"))
	run := func(renewed func() (string, error)) *limit.Limiter {
		t.Helper()
		opt, err := limit.Options(url("the-first-word"), nil)
		if err != nil {
			t.Fatal(err)
		}
		patient(&opt)
		if renewed != nil {
			limit.Renew(&opt, renewed)
		}
		l, err := limit.New(opt, limit.Limits{Window: time.Minute}, time.Now)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() { defer close(done); _ = l.Run(ctx) }()
		t.Cleanup(func() { cancel(); <-done })
		if !becomesReady(t, l) {
			t.Fatal("not ready with the first password")
		}
		return l
	}
	fixed := run(nil)
	rotating := run(func() (string, error) {
		if s, _ := file.Load().(string); s != "" {
			return s, nil
		}
		return "", errors.New("half replaced")
	})
	restart := func() {
		t.Helper()
		m.Close()
		if err := m.Restart(); err != nil {
			t.Fatal(err)
		}
	}
	m.RequireAuth("the-second-word")
	file.Store(url("the-second-word"))
	restart()
	if !becomesReady(t, rotating) {
		t.Error("it does not come back with the new password")
	}
	if fixed.Ready(t.Context()) == nil {
		t.Error("the control got in with the old password: nothing is proved")
	}
	file.Store("")
	restart()
	if !becomesReady(t, rotating) {
		t.Error("it does not come back while there is no file")
	}
}

func becomesReady(t *testing.T, l *limit.Limiter) bool {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if l.Ready(t.Context()) == nil {
			return true
		}
	}
	return false
}
