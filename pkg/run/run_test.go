package run

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestStopsInReverseOrder(t *testing.T) {
	var mu sync.Mutex
	var order []string
	var g Group
	for _, name := range []string{"db", "bus", "server"} {
		g.Add(name, func(ctx context.Context) error {
			<-ctx.Done()
			mu.Lock()
			defer mu.Unlock()
			order = append(order, name)
			return nil
		})
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	if err := g.Run(ctx); err != nil {
		t.Fatal(err)
	}
	if want := []string{"server", "bus", "db"}; !slices.Equal(order, want) {
		t.Fatalf("stopped %v, want %v", order, want)
	}
}

func TestFailureAndPanicStopTheRest(t *testing.T) {
	boom := errors.New("boom")
	for name, f := range map[string]func(context.Context) error{
		"error": func(context.Context) error { return boom },
		"panic": func(context.Context) error { panic("boom") },
		"end":   func(context.Context) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			var g Group
			stopped := false
			g.Add("rest", func(ctx context.Context) error { <-ctx.Done(); stopped = true; return nil })
			g.Add("bad", f)
			err := g.Run(t.Context())
			if err == nil || !strings.Contains(err.Error(), "bad") || !stopped {
				t.Fatalf("err %v, rest stopped %v", err, stopped)
			}
		})
	}
}

func TestReportsAPartThatDoesNotStop(t *testing.T) {
	g := Group{Grace: 10 * time.Millisecond}
	release := make(chan struct{})
	defer close(release)
	g.Add("deaf", func(context.Context) error { <-release; return nil })
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := g.Run(ctx); err == nil || !strings.Contains(err.Error(), "deaf did not stop") {
		t.Fatalf("got %v", err)
	}
}
