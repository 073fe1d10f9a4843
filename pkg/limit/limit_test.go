package limit_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/rueidis"

	"github.com/fusionems/quantum/pkg/clock"
	"github.com/fusionems/quantum/pkg/limit"
)

// start is the beginning of a window of a minute.
var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// patient lets the client wait for a server that is there: what it does about one that is away is not shown by a slow machine.
func patient(opt *rueidis.ClientOption) {
	opt.ConnWriteTimeout, opt.Dialer.Timeout = time.Minute, time.Minute
}

func replica(t *testing.T, m *miniredis.Miniredis, limits limit.Limits, now func() time.Time) *limit.Limiter {
	t.Helper()
	opt, err := limit.Options("redis://"+m.Addr(), nil)
	if err != nil {
		t.Fatal(err)
	}
	patient(&opt)
	l, err := limit.New(opt, limits, now)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); _ = l.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	untilReady(t, l)
	return l
}

func untilReady(t *testing.T, l *limit.Limiter) {
	t.Helper()
	if !becomesReady(t, l) {
		t.Fatal("the server was not reached")
	}
}

func take(t *testing.T, l *limit.Limiter, s limit.Subject) time.Duration {
	t.Helper()
	wait, err := l.Take(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return wait
}

// TestReplicasCountTogether sends from many goroutines through two replicas: exactly the limit passes.
func TestReplicasCountTogether(t *testing.T) {
	m := miniredis.RunT(t)
	c := clock.NewFake(start)
	limits := limit.Limits{Window: time.Minute, Identity: 100}
	replicas := []*limit.Limiter{replica(t, m, limits, c.Now), replica(t, m, limits, c.Now)}
	var passed, refused atomic.Int32
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			for range 10 {
				wait, err := replicas[i%2].Take(t.Context(), limit.Subject{Identity: "u-1"})
				if err != nil {
					t.Error(err)
				}
				if wait > 0 {
					refused.Add(1)
				} else {
					passed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if passed.Load() != 100 || refused.Load() != 100 {
		t.Fatalf("%d passed, %d refused", passed.Load(), refused.Load())
	}
}

func TestWindowSlides(t *testing.T) {
	m := miniredis.RunT(t)
	c := clock.NewFake(start)
	l := replica(t, m, limit.Limits{Window: time.Minute, Identity: 60}, c.Now)
	who := limit.Subject{Identity: "u-1"}
	for i := range 60 {
		if w := take(t, l, who); w != 0 {
			t.Fatalf("request %d waits %s", i, w)
		}
	}
	wait := take(t, l, who)
	if wait <= 0 {
		t.Fatal("the request beyond the limit passed")
	}
	c.Add(wait)
	if w := take(t, l, who); w != 0 {
		t.Fatalf("still refused (%s) after the wait of %s it was told", w, wait)
	}
	if w := take(t, l, who); w <= 0 {
		t.Fatal("two requests passed where one had become free")
	}
	c.Add(30 * time.Second)
	free := 0
	for take(t, l, who) == 0 {
		free++
	}
	if free < 29 || free > 31 {
		t.Fatalf("%d requests became free in half a window, want about 30", free)
	}
	c.Add(2 * time.Minute)
	m.FastForward(2 * time.Minute)
	for i := range 60 {
		if w := take(t, l, who); w != 0 {
			t.Fatalf("after two quiet windows request %d waits %s", i, w)
		}
	}
}

func TestEachDimensionRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		limits limit.Limits
		other  limit.Subject
	}{
		"tenant":   {limit.Limits{Window: time.Minute, Tenant: 2, Identity: 9, Address: 9}, limit.Subject{Tenant: 8, Identity: "u-1", Address: "192.0.2.1"}},
		"identity": {limit.Limits{Window: time.Minute, Tenant: 9, Identity: 2, Address: 9}, limit.Subject{Tenant: 7, Identity: "u-2", Address: "192.0.2.1"}},
		"address":  {limit.Limits{Window: time.Minute, Tenant: 9, Identity: 9, Address: 2}, limit.Subject{Tenant: 7, Identity: "u-1", Address: "192.0.2.2"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := miniredis.RunT(t)
			l := replica(t, m, tc.limits, clock.NewFake(start).Now)
			who := limit.Subject{Tenant: 7, Identity: "u-1", Address: "192.0.2.1"}
			for range 2 {
				if w := take(t, l, who); w != 0 {
					t.Fatal("refused within the limit")
				}
			}
			for range 20 {
				if take(t, l, who) == 0 {
					t.Fatal("passed beyond the limit")
				}
			}
			// The refused ones counted nowhere: the other dimensions are still free.
			if w := take(t, l, tc.other); w != 0 {
				t.Fatalf("another subject waits %s", w)
			}
		})
	}
}

func TestFailuresOfAnAddress(t *testing.T) {
	m := miniredis.RunT(t)
	l := replica(t, m, limit.Limits{Window: time.Minute, Failures: 3}, clock.NewFake(start).Now)
	for i := range 5 {
		wait, err := l.TakeFailure(t.Context(), "192.0.2.1")
		if err != nil || (wait > 0) != (i >= 3) {
			t.Fatalf("failure %d: wait %s, %v", i, wait, err)
		}
	}
	if wait, err := l.TakeFailure(t.Context(), "192.0.2.2"); err != nil || wait != 0 {
		t.Fatalf("another address waits %s, %v", wait, err)
	}
}

// A server that did not answer is not asked again for a while, so that requests do not wait for it one by one; then it is.
func TestServerAwayAndBack(t *testing.T) {
	m := miniredis.RunT(t)
	c := clock.NewFake(start)
	l := replica(t, m, limit.Limits{Window: time.Minute, Identity: 10}, c.Now)
	who := limit.Subject{Identity: "u-1"}
	refused := func(when string) {
		t.Helper()
		if _, err := l.Take(t.Context(), who); !errors.Is(err, limit.ErrUnavailable) {
			t.Fatalf("%s: %v", when, err)
		}
	}
	take(t, l, who)
	m.Close()
	refused("the server is away")
	if l.Ready(t.Context()) == nil {
		t.Fatal("ready without a server")
	}
	if err := m.Restart(); err != nil {
		t.Fatal(err)
	}
	untilReady(t, l)
	refused("the server is back, and no time has passed")
	c.Add(time.Second)
	take(t, l, who)
}

func TestNoServerAtStart(t *testing.T) {
	opt, err := limit.Options("redis://127.0.0.1:1", nil)
	if err != nil {
		t.Fatal(err)
	}
	l, err := limit.New(opt, limit.Limits{Window: time.Minute, Identity: 10}, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.Take(t.Context(), limit.Subject{Identity: "u"}); !errors.Is(err, limit.ErrUnavailable) {
		t.Fatal(err)
	}
	if _, err := limit.Options("http://user:topsecretvalue@x", nil); err == nil || errors.Unwrap(err) != nil {
		t.Fatalf("got %v", err)
	}
}
