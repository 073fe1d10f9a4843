package edge

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"runtime/debug"
	"sync"
	"time"

	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
	"github.com/fusionems/quantum/services/carefusion/internal/audit"
	"github.com/fusionems/quantum/services/carefusion/internal/fault"
	"github.com/fusionems/quantum/services/carefusion/internal/identity"
	"github.com/fusionems/quantum/services/carefusion/internal/live"
	"github.com/fusionems/quantum/services/carefusion/internal/visit"
)

const (
	// lookAnyway is how often a watcher's state is read though nothing was told: news may be lost, and tokens end.
	lookAnyway = 5 * time.Second
	// writeTime is how long a slow watcher may take for one event.
	writeTime = 15 * time.Second
	// mostStreams is how many one caller may hold open.
	mostStreams = 10
)

// Live is what can be watched.
type Live struct {
	Hub    *live.Hub
	Visits *visit.Service
}

// streams serves server-sent events. Watching is permitted, limited and recorded as the call that reads the same.
type streams struct {
	chain *chain
	live  Live
	mu    sync.Mutex
	open  map[uuid.UUID]int
}

// watched is one thing to watch: what permits it, what wakes, what is told.
type watched struct {
	method, target, key string
	read                func(ctx context.Context) (any, error)
}

func (s *streams) session(r *http.Request, _ identity.Principal) (watched, error) {
	id, err := uuid.Parse(r.PathValue("id"))
	if err != nil {
		return watched{}, fault.Invalid("appointmentId", "string.uuid", "value must be a valid UUID")
	}
	return watched{method: carefusionv1.SessionService_GetSession_FullMethodName, target: "appointments/" + id.String(), key: live.Appointment(id),
		read: func(ctx context.Context) (any, error) { return s.live.Visits.Snapshot(ctx, id) }}, nil
}

func (s *streams) waiting(_ *http.Request, p identity.Principal) (watched, error) {
	return watched{method: carefusionv1.SessionService_ListWaiting_FullMethodName, key: live.Provider(p.Subject),
		read: func(ctx context.Context) (any, error) { return s.live.Visits.Waiting(ctx) }}, nil
}

// serve opens a stream of what the function names.
func (s *streams) serve(what func(r *http.Request, p identity.Principal) (watched, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx := metadata.NewIncomingContext(r.Context(), metadata.Pairs("authorization", r.Header.Get("Authorization")))
		refuse := func(err error) { write(w, r, status.Convert(err)) }
		defer func() {
			if v := recover(); v != nil {
				s.chain.log.ErrorContext(ctx, "panic", "method", "watch", "request_id", r.Header.Get(requestIDKey), "stack", string(debug.Stack()))
				// The answer has begun, perhaps: the connection says that it is not whole.
				panic(http.ErrAbortHandler)
			}
		}()
		p, err := s.chain.authenticate(ctx)
		if err != nil {
			refuse(err)
			return
		}
		ctx = identity.With(ctx, p)
		x, err := what(r, p)
		if err != nil {
			refuse(err)
			return
		}
		done, err := s.enter(p)
		if err != nil {
			refuse(err)
			return
		}
		defer done()
		wake, end := s.live.Hub.Watch(x.key)
		defer end()
		first, err := s.admit(ctx, r, p, x)
		if err != nil {
			refuse(err)
			return
		}
		s.follow(ctx, w, x, first, wake)
	}
}

// enter counts the streams of one caller.
func (s *streams) enter(p identity.Principal) (func(), error) {
	limited := &fault.Error{Code: codes.ResourceExhausted, Reason: "RATE_LIMITED", Message: "Too many requests. Try again in a moment."}
	if !s.chain.subjects.allow(p.Subject.String()) {
		return nil, limited
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[p.Subject] >= mostStreams {
		return nil, limited
	}
	s.open[p.Subject]++
	closed := s.chain.metrics.Stream()
	return func() {
		closed()
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.open[p.Subject]--; s.open[p.Subject] == 0 {
			delete(s.open, p.Subject)
		}
	}, nil
}

// admit reads for the first time and keeps the record, of a refusal as well.
func (s *streams) admit(ctx context.Context, r *http.Request, p identity.Principal, x watched) (any, error) {
	id := r.Header.Get(requestIDKey)
	ctx, call := audit.Open(ctx, s.chain.clock, x.method, id)
	if x.target != "" {
		audit.Target(ctx, x.target)
	}
	err := s.chain.rules.Check(x.method, p)
	var first any
	if err == nil {
		first, err = x.read(ctx)
	}
	return s.chain.conclude(ctx, call, x.method, id, first, err)
}

// follow tells every change until the caller leaves, the token ends or the caller may not see it any more.
func (s *streams) follow(ctx context.Context, w http.ResponseWriter, x watched, now any, wake <-chan struct{}) {
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("X-Accel-Buffering", "no")
	rc := http.NewResponseController(w)
	// The server's own limits are for calls; a watcher stays as long as the token holds.
	_ = rc.SetReadDeadline(time.Time{})
	tick := time.NewTicker(lookAnyway)
	defer tick.Stop()
	var told []byte
	for {
		text, err := json.Marshal(now)
		if err != nil {
			return
		}
		// A line that says nothing shows that the stream lives.
		frame := []byte(":\n\n")
		if !bytes.Equal(text, told) {
			frame = []byte("data: " + string(text) + "\n\n")
		}
		told = text
		_ = rc.SetWriteDeadline(time.Now().Add(writeTime))
		if _, err := w.Write(frame); err != nil || rc.Flush() != nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-s.chain.closing:
			return
		case <-wake:
		case <-tick.C:
		}
		if _, err := s.chain.authenticate(ctx); err != nil {
			return
		}
		if now, err = x.read(ctx); err != nil {
			return
		}
	}
}
