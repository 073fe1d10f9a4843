package limit

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/redis/rueidis"
)

// Limits are how many requests a window takes; 0 switches a dimension off.
type Limits struct {
	Window                              time.Duration
	Tenant, Identity, Address, Failures int
}

// Subject is who a request counts for. Zero values do not count.
type Subject struct {
	Tenant            int64
	Identity, Address string
}

// ErrUnavailable means that the counters could not be reached.
var ErrUnavailable = errors.New("limit: the counters cannot be reached")

// Limiter counts in Redis. A window slides: what was counted in the window before weighs as much as of it is still within
// the last Window. Replicas count together, one round trip per request; a refused request does not count.
type Limiter struct {
	limits Limits
	now    func() time.Time
	client atomic.Pointer[rueidis.Client]
	dial   func() (rueidis.Client, error)
	// seen remembers, per counter, the window it was last used in and the final count of the window before: both are facts of
	// the past, so remembering them saves two commands and cannot be wrong.
	seen *lru.Cache[string, past]
	// downUntil spares requests the wait for a server that did not answer a moment ago.
	downUntil atomic.Int64
}

type past struct {
	window int64
	before int64
}

const (
	seenSize   = 65536
	keyPrefix  = "fleet:limit:"
	breakFor   = 250 * time.Millisecond
	redialWait = 500 * time.Millisecond
)

// New makes a limiter that counts nothing until Run has reached the server.
func New(opt rueidis.ClientOption, limits Limits, now func() time.Time) (*Limiter, error) {
	seen, err := lru.New[string, past](seenSize)
	if err != nil {
		return nil, err
	}
	return &Limiter{limits: limits, now: now, seen: seen, dial: func() (rueidis.Client, error) { return rueidis.NewClient(opt) }}, nil
}

// Run connects, and keeps the connection until ctx ends. The client itself connects again after a failure.
func (l *Limiter) Run(ctx context.Context) error {
	for {
		c, err := l.dial()
		if err == nil {
			l.client.Store(&c)
			break
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(redialWait):
		}
	}
	<-ctx.Done()
	(*l.client.Load()).Close()
	return nil
}

// Ready says whether the server answers.
func (l *Limiter) Ready(ctx context.Context) error {
	c := l.client.Load()
	if c == nil {
		return ErrUnavailable
	}
	if err := (*c).Do(ctx, (*c).B().Ping().Build()).Error(); err != nil {
		return ErrUnavailable
	}
	return nil
}

// Take counts a request. A positive wait refuses it: that long the caller has to wait.
func (l *Limiter) Take(ctx context.Context, s Subject) (wait time.Duration, err error) {
	var counters [3]counter
	n := 0
	add := func(kind, id string, limit int) {
		if limit > 0 && id != "" {
			counters[n] = counter{key: keyPrefix + kind + id, limit: limit}
			n++
		}
	}
	if s.Tenant != 0 {
		add("t:", strconv.FormatInt(s.Tenant, 10), l.limits.Tenant)
	}
	add("i:", s.Identity, l.limits.Identity)
	add("a:", s.Address, l.limits.Address)
	return l.take(ctx, counters[:n])
}

// TakeFailure counts a failed authentication of an address.
func (l *Limiter) TakeFailure(ctx context.Context, address string) (wait time.Duration, err error) {
	if l.limits.Failures <= 0 {
		return 0, nil
	}
	return l.take(ctx, []counter{{key: keyPrefix + "f:" + address, limit: l.limits.Failures}})
}

type counter struct {
	key    string
	limit  int
	first  bool
	before int64
}

func (l *Limiter) take(ctx context.Context, counters []counter) (time.Duration, error) {
	if len(counters) == 0 {
		return 0, nil
	}
	client := l.client.Load()
	now := l.now()
	if client == nil || now.UnixNano() < l.downUntil.Load() {
		return 0, ErrUnavailable
	}
	window := now.UnixNano() / int64(l.limits.Window)
	elapsed := time.Duration(now.UnixNano() % int64(l.limits.Window))
	c := *client
	counts, err := l.count(ctx, c, counters, window)
	if err != nil {
		if ctx.Err() == nil {
			l.downUntil.Store(now.Add(breakFor).UnixNano())
		}
		return 0, fmt.Errorf("%w: %w", ErrUnavailable, err)
	}
	var wait time.Duration
	for i := range counters {
		wait = max(wait, l.wait(&counters[i], counts[i], elapsed))
	}
	if wait > 0 {
		l.giveBack(ctx, c, counters, window)
	}
	return wait, nil
}

// count adds one to each counter and returns what they hold now.
func (l *Limiter) count(ctx context.Context, c rueidis.Client, counters []counter, window int64) ([3]int64, error) {
	cmds := make(rueidis.Commands, 0, 3*len(counters))
	for i := range counters {
		k := &counters[i]
		name := keyOf(k.key, window)
		cmds = append(cmds, c.B().Incr().Key(name).Build())
		if p, ok := l.seen.Get(k.key); ok && p.window == window {
			k.before = p.before
			continue
		}
		k.first = true
		cmds = append(cmds, c.B().Pexpire().Key(name).Milliseconds(2*l.limits.Window.Milliseconds()).Build(),
			c.B().Get().Key(keyOf(k.key, window-1)).Build())
	}
	answers := c.DoMulti(ctx, cmds...)
	var counts [3]int64
	var err error
	next := 0
	for i := range counters {
		k := &counters[i]
		if counts[i], err = answers[next].AsInt64(); err != nil {
			return counts, err
		}
		next++
		if !k.first {
			continue
		}
		if err := answers[next].Error(); err != nil {
			return counts, err
		}
		if k.before, err = answers[next+1].AsInt64(); err != nil && !rueidis.IsRedisNil(err) {
			return counts, err
		}
		next += 2
		l.seen.Add(k.key, past{window, k.before})
	}
	return counts, nil
}

// wait is how long until the counter takes another request; 0 when it took this one.
func (l *Limiter) wait(k *counter, count int64, elapsed time.Duration) time.Duration {
	size := float64(l.limits.Window)
	gone := float64(elapsed) / size
	limit, now, before := float64(k.limit), float64(count), float64(k.before)
	if before*(1-gone)+now <= limit {
		return 0
	}
	if now > limit {
		// Not in this window any more: after its end its own count is the one that fades.
		fade := max(0, 1-(limit-1)/(now-1))
		return time.Duration(size*(1-gone)+size*fade) + 1
	}
	return time.Duration(size*(1-(limit-now)/before)-float64(elapsed)) + 1
}

// giveBack takes the refused request out of the counters again.
func (l *Limiter) giveBack(ctx context.Context, c rueidis.Client, counters []counter, window int64) {
	cmds := make(rueidis.Commands, len(counters))
	for i, k := range counters {
		cmds[i] = c.B().Decr().Key(keyOf(k.key, window)).Build()
	}
	// A failure leaves the counter one too high for the rest of its window.
	_ = c.DoMulti(ctx, cmds...)
}

func keyOf(key string, window int64) string {
	b := make([]byte, 0, len(key)+12)
	b = append(b, key...)
	b = append(b, ':')
	return string(strconv.AppendInt(b, window, 36))
}
