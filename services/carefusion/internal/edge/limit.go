package edge

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// most is how many callers are remembered; beyond it the oldest half is forgotten, which can only be generous.
const most = 20_000

// limiter is one bucket for each caller.
type limiter struct {
	mu      sync.Mutex
	perSec  rate.Limit
	buckets map[string]*bucket
	clock   func() time.Time
}

type bucket struct {
	limit *rate.Limiter
	seen  time.Time
}

func newLimiter(perSec float64, clock func() time.Time) *limiter {
	return &limiter{perSec: rate.Limit(perSec), buckets: map[string]*bucket{}, clock: clock}
}

func (l *limiter) allow(who string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock()
	b, ok := l.buckets[who]
	if !ok {
		if len(l.buckets) >= most {
			l.forget(now)
		}
		b = &bucket{limit: rate.NewLimiter(l.perSec, int(2*l.perSec)+1)}
		l.buckets[who] = b
	}
	b.seen = now
	return b.limit.AllowN(now, 1)
}

func (l *limiter) forget(now time.Time) {
	for age := time.Minute; len(l.buckets) > most/2 && age > time.Millisecond; age /= 2 {
		for k, b := range l.buckets {
			if now.Sub(b.seen) > age {
				delete(l.buckets, k)
			}
		}
	}
	if len(l.buckets) >= most {
		l.buckets = map[string]*bucket{}
	}
}
