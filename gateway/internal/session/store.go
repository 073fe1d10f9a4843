package session

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

// ErrUnavailable means that Redis does not answer. Nothing passes with a session then.
var ErrUnavailable = errors.New("session: the sessions cannot be reached")

// Store is the Redis side: every replica reads it at every request, so that what is ended is ended everywhere at once.
type Store struct {
	client atomic.Pointer[rueidis.Client]
	dial   func() (rueidis.Client, error)
}

const redialWait = 500 * time.Millisecond

// NewStore makes a store that answers once Run has reached the server.
func NewStore(opt rueidis.ClientOption) *Store {
	return &Store{dial: func() (rueidis.Client, error) { return rueidis.NewClient(opt) }}
}

// Run connects, and keeps the connection until ctx ends.
func (s *Store) Run(ctx context.Context) error {
	for {
		c, err := s.dial()
		if err == nil {
			s.client.Store(&c)
			break
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(redialWait):
		}
	}
	<-ctx.Done()
	(*s.client.Load()).Close()
	return nil
}

// Ready says whether the server was reached.
func (s *Store) Ready(context.Context) error {
	_, err := s.connection()
	return err
}

func (s *Store) connection() (rueidis.Client, error) {
	c := s.client.Load()
	if c == nil {
		return nil, ErrUnavailable
	}
	return *c, nil
}

func away(err error) error { return fmt.Errorf("%w: %w", ErrUnavailable, err) }

// Keys. The braces put what belongs to one session on one node of a cluster.
func entryKey(r Ref) string  { return "fleet:session:{" + string(r) + "}" }
func tokensKey(r Ref) string { return entryKey(r) + ":tokens" }
func lockKey(r Ref) string   { return entryKey(r) + ":refresh" }
func indexKey(subject string) string {
	return "fleet:sessions:" + digest(subject)
}

// read answers entry and sealed tokens in one round trip; no entry is nil, no tokens are "".
func (s *Store) read(ctx context.Context, r Ref) (*entry, string, error) {
	c, err := s.connection()
	if err != nil {
		return nil, "", err
	}
	answers := c.DoMulti(ctx, c.B().Hgetall().Key(entryKey(r)).Build(), c.B().Get().Key(tokensKey(r)).Build())
	fields, err := answers[0].AsStrMap()
	if err != nil {
		return nil, "", away(err)
	}
	sealed, err := answers[1].ToString()
	if err != nil && !rueidis.IsRedisNil(err) {
		return nil, "", away(err)
	}
	e, _ := parseEntry(fields)
	return e, sealed, nil
}

// put stores a new session and lists it under its subject.
func (s *Store) put(ctx context.Context, r Ref, e *entry, sealed string, life, tokenLife time.Duration) error {
	c, err := s.connection()
	if err != nil {
		return err
	}
	set := c.B().Hset().Key(entryKey(r)).FieldValue()
	for f, v := range e.fields() {
		set = set.FieldValue(f, v)
	}
	index := indexKey(e.subject)
	for _, a := range c.DoMulti(ctx,
		set.Build(), c.B().Pexpire().Key(entryKey(r)).Milliseconds(life.Milliseconds()).Build(),
		c.B().Set().Key(tokensKey(r)).Value(sealed).PxMilliseconds(tokenLife.Milliseconds()).Build(),
		c.B().Zadd().Key(index).ScoreMember().ScoreMember(float64(e.expires.UnixMilli()), string(r)).Build(),
		c.B().Pexpire().Key(index).Milliseconds(life.Milliseconds()).Build(),
	) {
		if err := a.Error(); err != nil {
			return away(err)
		}
	}
	return nil
}

// The scripts change a session only while it lives: whatever is on the way when it ends must not bring it back.
var (
	touchScript = rueidis.NewLuaScript(`
if redis.call('HGET', KEYS[1], 'proof') == false or redis.call('HGET', KEYS[1], 'state') then return 0 end
redis.call('HSET', KEYS[1], 'seen', ARGV[1], 'address', ARGV[2])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1`)
	replaceScript = rueidis.NewLuaScript(`
if redis.call('HGET', KEYS[1], 'version') ~= ARGV[1] or redis.call('HGET', KEYS[1], 'state') then return 0 end
redis.call('HINCRBY', KEYS[1], 'version', 1)
redis.call('HSET', KEYS[1], 'token_ends', ARGV[2], 'auth', ARGV[3], 'agency', ARGV[4], 'role', ARGV[5])
redis.call('SET', KEYS[2], ARGV[6], 'PX', ARGV[7])
return 1`)
	endScript = rueidis.NewLuaScript(`
redis.call('DEL', KEYS[2])
if redis.call('HGET', KEYS[1], 'proof') == false or redis.call('HGET', KEYS[1], 'state') then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[1])
redis.call('HDEL', KEYS[1], 'device', 'address', 'seen', 'auth', 'token_ends', 'version')
return 1`)
	unlockScript = rueidis.NewLuaScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`)
)

func (s *Store) run(ctx context.Context, script *rueidis.Lua, keys []string, args ...string) (bool, error) {
	c, err := s.connection()
	if err != nil {
		return false, err
	}
	n, err := script.Exec(ctx, c, keys, args).AsInt64()
	if err != nil {
		return false, away(err)
	}
	return n == 1, nil
}

// touch notes a request; false when the session is over.
func (s *Store) touch(ctx context.Context, r Ref, seen time.Time, address string, tokenLife time.Duration) (bool, error) {
	return s.run(ctx, touchScript, []string{entryKey(r), tokensKey(r)}, millis(seen), address, inMillis(tokenLife))
}

// replace stores new tokens in the place of those that e was read with; false when the session is over or has newer ones.
func (s *Store) replace(ctx context.Context, r Ref, e *entry, sealed string, tokenLife time.Duration) (bool, error) {
	return s.run(ctx, replaceScript, []string{entryKey(r), tokensKey(r)}, strconv.FormatInt(e.version, 10),
		millis(e.tokenEnds), millis(e.auth), strconv.FormatInt(e.agency, 10), e.role, sealed, inMillis(tokenLife))
}

// end takes the tokens away and leaves the word why; false when it was over already.
func (s *Store) end(ctx context.Context, r Ref, why state) (bool, error) {
	return s.run(ctx, endScript, []string{entryKey(r), tokensKey(r)}, string(why))
}

func inMillis(d time.Duration) string { return strconv.FormatInt(max(d.Milliseconds(), 1), 10) }

// refs are the sessions of a subject that may still live.
func (s *Store) refs(ctx context.Context, subject string) ([]Ref, error) {
	c, err := s.connection()
	if err != nil {
		return nil, err
	}
	members, err := c.Do(ctx, c.B().Zrange().Key(indexKey(subject)).Min("0").Max("-1").Build()).AsStrSlice()
	if err != nil {
		return nil, away(err)
	}
	out := make([]Ref, len(members))
	for i, m := range members {
		out[i] = Ref(m)
	}
	return out, nil
}

// entries reads many sessions in one round trip; what is gone is nil.
func (s *Store) entries(ctx context.Context, refs []Ref) ([]*entry, error) {
	if len(refs) == 0 {
		return nil, nil
	}
	c, err := s.connection()
	if err != nil {
		return nil, err
	}
	cmds := make(rueidis.Commands, len(refs))
	for i, r := range refs {
		cmds[i] = c.B().Hgetall().Key(entryKey(r)).Build()
	}
	out := make([]*entry, len(refs))
	for i, a := range c.DoMulti(ctx, cmds...) {
		fields, err := a.AsStrMap()
		if err != nil {
			return nil, away(err)
		}
		out[i], _ = parseEntry(fields)
	}
	return out, nil
}

// unlist takes sessions out of the list of their subject.
func (s *Store) unlist(ctx context.Context, subject string, refs []Ref) error {
	if len(refs) == 0 {
		return nil
	}
	c, err := s.connection()
	if err != nil {
		return err
	}
	members := make([]string, len(refs))
	for i, r := range refs {
		members[i] = string(r)
	}
	if err := c.Do(ctx, c.B().Zrem().Key(indexKey(subject)).Member(members...).Build()).Error(); err != nil {
		return away(err)
	}
	return nil
}
