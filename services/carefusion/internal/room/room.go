package room

import (
	"context"
	"crypto/rand"
	"errors"
	"time"
)

// ErrClosed is what a room that was closed, or never opened, answers.
var ErrClosed = errors.New("room: closed")

// Grant is what one token permits.
type Grant struct {
	Room string
	// Identity is one join of one person; it is never used again.
	Identity string
	TTL      time.Duration
}

// Credential is what a client joins with.
type Credential struct {
	Token, URL string
	// ICE is all that the client may ask for its addresses or send media through. An empty list means the video server alone:
	// what a video server or a browser would take of itself are third parties.
	ICE []ICEServer
}

// ICEServer is a STUN or TURN server.
type ICEServer struct {
	URLs                 []string
	Username, Credential string
}

// Participant is somebody in a room.
type Participant struct {
	Identity string
	// Publish says whether camera and microphone may be forwarded.
	Publish bool
}

// Kind is what happened in a room.
type Kind int

// What happens in rooms.
const (
	Joined Kind = iota + 1
	Left
	Ended
)

// Event tells what happened in a room.
type Event struct {
	Kind           Kind
	Room, Identity string
	Time           time.Time
}

// Room is a video server.
type Room interface {
	// Open makes the room; a room that is open stays as it is.
	Open(ctx context.Context, room string) error
	// Token must not make a room, and permits to watch only: SetConsent is the one way to be seen and heard.
	Token(ctx context.Context, g Grant) (Credential, error)
	// SetConsent grants or takes the right to be seen and heard, so that the client cannot undo it.
	SetConsent(ctx context.Context, room, identity string, publish bool) error
	// Remove ends one join.
	Remove(ctx context.Context, room, identity string) error
	// Close ends all joins, after which no token of the room works. A room that is closed stays so.
	Close(ctx context.Context, room string) error
	// Participants are who is in the room now: the truth, of which events are only early news.
	Participants(ctx context.Context, room string) ([]Participant, error)
	// Rooms are those of the named rooms that are there.
	Rooms(ctx context.Context, names []string) ([]string, error)
	// Events tells what happens until the context is over; it is not closed before. Some may be lost.
	Events(ctx context.Context) <-chan Event
}

// Recorder records rooms with keys of CareFusion's own. Local mode has none.
type Recorder interface {
	Start(ctx context.Context, room string) error
	// Stop must succeed for a recording that has ended.
	Stop(ctx context.Context, room string) error
}

// NewName is a name that says nothing of who meets in the room and when.
func NewName() string { return rand.Text() }

// NewIdentity is a name for one join.
func NewIdentity() string { return rand.Text() }
