package supervise

import (
	"context"
	"io"
	"time"
)

// Process describes one child.
type Process struct {
	Name string
	Path string
	Args []string
	Env  []string
	Dir  string
	// Launch, when given, starts the child in its own way instead of Path and what belongs to it, and answers when it serves.
	Launch func(ctx context.Context, log io.Writer) (Instance, error)
	// Ready answers nil once the process serves. It is asked again and again, each time with a short deadline.
	Ready func(ctx context.Context) error
}

// Instance is one life of a child.
type Instance interface {
	PID() int
	// Done is closed when it has ended, by whatever cause.
	Done() <-chan struct{}
	// Stop asks it to end, insists after a while, and returns when it has.
	Stop() error
}

// State of a child.
type State string

// The states a child goes through.
const (
	Starting   State = "starting"
	Running    State = "running"
	Restarting State = "restarting"
	Stopped    State = "stopped"
)

// Status is what is known of one child.
type Status struct {
	Name     string    `json:"name"`
	State    State     `json:"state"`
	PID      int       `json:"pid,omitempty"`
	Restarts int       `json:"restarts"`
	Since    time.Time `json:"since"`
	LastExit string    `json:"lastExit,omitempty"`
}

const (
	firstBackoff = 100 * time.Millisecond
	maxBackoff   = 5 * time.Second
	// steadyAfter is how long a child must have run for its next restart to be immediate again.
	steadyAfter = 10 * time.Second
	// startAttempts is how often a child may die before it was ever ready; then the start has failed and says why.
	startAttempts = 4
	readyInterval = 25 * time.Millisecond
	readyProbe    = 2 * time.Second
	stopTimeout   = 20 * time.Second
	maxLog        = 64 << 20
)
