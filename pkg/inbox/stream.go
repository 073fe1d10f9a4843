package inbox

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/fusionems/quantum/pkg/bus"
)

const (
	ackWait       = 30 * time.Second
	heartbeat     = 10 * time.Second
	prefetch      = 1000
	maxWaiting    = 4000 // events held in memory; reading stops above it
	maxAckPending = 10000
)

// stream reads one stream and keeps a lane for each agency: events of a lane are applied one group after the other, lanes
// side by side.
type stream struct {
	in       *Inbox
	name     string
	subjects []string

	incoming chan jetstream.Msg
	results  chan result
	lanes    map[int64]*lane
	ready    []int64
	waiting  map[uuid.UUID]bool
	running  int
}

// lane is the queue of one agency.
type lane struct {
	queue     []*delivery
	busy      bool // a worker has its head
	listed    bool // in ready
	failures  int
	notBefore time.Time
}

func newStream(in *Inbox, name string, subjects []string) *stream {
	return &stream{
		in: in, name: name, subjects: subjects,
		incoming: make(chan jetstream.Msg, prefetch), results: make(chan result, workers),
		lanes: map[int64]*lane{}, waiting: map[uuid.UUID]bool{},
	}
}

func (s *stream) run(ctx context.Context) error {
	cons, err := s.consumer(ctx)
	if err != nil {
		return fmt.Errorf("inbox: consumer of %s: %w", s.name, err)
	}
	reading, err := cons.Consume(func(m jetstream.Msg) {
		select {
		case s.incoming <- m:
		case <-ctx.Done():
		}
	}, jetstream.PullMaxMessages(prefetch))
	if err != nil {
		return fmt.Errorf("inbox: reading %s: %w", s.name, err)
	}
	defer func() {
		reading.Stop()
		for ; s.running > 0; s.running-- {
			<-s.results
		}
	}()
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		s.dispatch(ctx)
		retry := time.NewTimer(s.untilRetry())
		select {
		case <-ctx.Done():
			retry.Stop()
			return nil
		case <-reading.Closed():
			retry.Stop()
			return fmt.Errorf("inbox: reading %s ended", s.name)
		case m := <-s.open():
			s.accept(ctx, m)
			s.acceptMore(ctx)
		case r := <-s.results:
			s.settle(r)
		case <-retry.C:
		case <-beat.C:
			s.keepAlive()
		}
		retry.Stop()
	}
}

// consumer opens the durable consumer. What was delivered and not acknowledged when the last leader ended would come
// again only after AckWait, behind newer events: the consumer is then made anew at its acknowledgement floor, and what was
// applied already is dropped by the inbox.
func (s *stream) consumer(ctx context.Context) (jetstream.Consumer, error) {
	js := s.in.cfg.Bus.JetStream()
	cfg := jetstream.ConsumerConfig{
		Durable: s.in.cfg.Service, FilterSubjects: s.subjects, AckPolicy: jetstream.AckExplicitPolicy, AckWait: ackWait,
		MaxDeliver: -1, MaxAckPending: maxAckPending, DeliverPolicy: jetstream.DeliverAllPolicy,
	}
	old, err := js.Consumer(ctx, s.name, cfg.Durable)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return js.CreateConsumer(ctx, s.name, cfg)
	}
	if err != nil {
		return nil, err
	}
	info := old.CachedInfo()
	if info.NumAckPending == 0 && slices.Equal(info.Config.FilterSubjects, s.subjects) {
		return old, nil
	}
	cfg.DeliverPolicy, cfg.OptStartSeq = jetstream.DeliverByStartSequencePolicy, info.AckFloor.Stream+1
	if err := js.DeleteConsumer(ctx, s.name, cfg.Durable); err != nil {
		return nil, err
	}
	return js.CreateConsumer(ctx, s.name, cfg)
}

// open is the channel to read from; nil, which blocks, while enough is waiting.
func (s *stream) open() <-chan jetstream.Msg {
	if len(s.waiting) >= maxWaiting {
		return nil
	}
	return s.incoming
}

func (s *stream) acceptMore(ctx context.Context) {
	for range prefetch {
		select {
		case m := <-s.open():
			s.accept(ctx, m)
		default:
			return
		}
	}
}

// accept puts a message into its lane. A copy of one that waits already is dropped: the one that waits will acknowledge.
func (s *stream) accept(ctx context.Context, m jetstream.Msg) {
	var seq uint64
	if meta, err := m.Metadata(); err == nil {
		seq = meta.Sequence.Stream
	}
	d, err := s.in.decode(m.Data(), s.name, seq)
	if err != nil {
		s.in.unreadable(ctx, d, m, s.name, seq, err)
		return
	}
	d.msg = m
	if published := m.Headers().Get(bus.HeaderTraceParent); published != "" {
		d.trace = published // the publishing, itself a child of the writer
	}
	if s.waiting[d.ID] {
		return
	}
	s.waiting[d.ID] = true
	l := s.lanes[d.key()]
	if l == nil {
		l = &lane{}
		s.lanes[d.key()] = l
	}
	l.queue = append(l.queue, d)
	s.list(d.key(), l)
}

func (s *stream) list(key int64, l *lane) {
	if !l.busy && !l.listed && len(l.queue) > 0 && !l.notBefore.After(time.Now()) {
		l.listed = true
		s.ready = append(s.ready, key)
	}
}

// dispatch gives ready lanes to free workers.
func (s *stream) dispatch(ctx context.Context) {
	for s.running < workers && len(s.ready) > 0 {
		key := s.ready[0]
		s.ready = s.ready[1:]
		l := s.lanes[key]
		n := min(len(l.queue), s.in.cfg.Batch)
		group := slices.Clone(l.queue[:n])
		l.queue = l.queue[n:]
		l.listed, l.busy = false, true
		s.running++
		go func() { s.results <- s.in.work(ctx, key, group) }()
	}
}

// settle takes a worker's answer: what is left goes back to the head of its lane.
func (s *stream) settle(r result) {
	s.running--
	l := s.lanes[r.key]
	l.busy = false
	for _, d := range r.done {
		delete(s.waiting, d.ID)
	}
	if len(r.left) > 0 {
		l.queue = append(r.left, l.queue...)
		l.failures++
		l.notBefore = time.Now().Add(backoff(l.failures))
	} else {
		l.failures, l.notBefore = 0, time.Time{}
	}
	if len(l.queue) == 0 {
		delete(s.lanes, r.key)
		return
	}
	s.list(r.key, l)
}

// untilRetry is the time until the first lane that waits for its next attempt; lanes that are due are listed.
func (s *stream) untilRetry() time.Duration {
	wait := heartbeat
	now := time.Now()
	for key, l := range s.lanes {
		if l.failures == 0 || l.busy || l.listed {
			continue
		}
		if left := l.notBefore.Sub(now); left > 0 {
			wait = min(wait, left)
			continue
		}
		s.list(key, l)
		wait = 0
	}
	return wait
}

// keepAlive tells JetStream that what waits is not lost.
func (s *stream) keepAlive() {
	for _, l := range s.lanes {
		for _, d := range l.queue {
			_ = d.msg.InProgress()
		}
	}
}

const (
	backoffMin = 100 * time.Millisecond
	backoffMax = 5 * time.Second
)

func backoff(failures int) time.Duration {
	return min(backoffMin<<min(failures-1, 10), backoffMax)
}

// unreadable puts aside what cannot even be decoded.
func (in *Inbox) unreadable(ctx context.Context, d *delivery, m jetstream.Msg, stream string, seq uint64, cause error) {
	if d == nil {
		// No id in it: one that is the same at each delivery.
		d = &delivery{Event: Event{ID: uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "%s/%d", stream, seq)), Payload: m.Data()}, stream: stream, seq: seq}
	}
	in.cfg.Log.ErrorContext(ctx, "inbox: event cannot be read", "stream", stream, "stream_seq", seq, "error", cause.Error())
	if err := in.bury(ctx, d, reasonUnreadable); err == nil {
		_ = m.Ack()
	}
}
