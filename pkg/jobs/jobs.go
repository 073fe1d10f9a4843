package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/internal/grant"
)

// Args are the arguments of a job: encoded as JSON and stored, so identifiers and codes only. Kind names the job.
type Args interface {
	river.JobArgs
	// JobAgency is the agency the job works for, 0 for the platform.
	JobAgency() int64
}

// Config says what a queue works with.
type Config struct {
	DB      *db.DB
	Service string
	Log     *slog.Logger
	// Workers is how many jobs run at once in this process; 0 means 8.
	Workers int
}

const (
	defaultWorkers = 8
	poolSize       = 4
	stopWait       = 10 * time.Second
	fetchCooldown  = 5 * time.Millisecond // River's default of 100 ms would cap the rate at ten fetches a second
	jobTimeout     = time.Minute
)

// Queue is the job queue of one service.
type Queue struct {
	cfg      Config
	mech     db.Mechanism
	inserter *river.Client[pgx.Tx]
	workers  *river.Workers
	kinds    map[string]bool
	periodic []*river.PeriodicJob
}

// New prepares a queue; Handle and Every fill it, Run works.
func New(cfg Config) (*Queue, error) {
	if cfg.Workers == 0 {
		cfg.Workers = defaultWorkers
	}
	mech := cfg.DB.Mechanism(grant.New())
	inserter, err := river.NewClient(riverpgxv5.New(nil), &river.Config{Schema: mech.Schema(), Logger: quiet(cfg.Log)})
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return &Queue{cfg: cfg, mech: mech, inserter: inserter, workers: river.NewWorkers(), kinds: map[string]bool{}}, nil
}

// Handle registers what a kind of job does. The context carries the service as principal in the job's agency. An error
// means another attempt later, until the attempts are used up.
func Handle[T Args](q *Queue, work func(ctx context.Context, args T) error) error {
	var zero T
	err := river.AddWorkerSafely(q.workers, river.WorkFunc(func(ctx context.Context, job *river.Job[T]) error {
		return work(identity.With(ctx, identity.ForService(q.cfg.Service, job.Args.JobAgency())), job.Args)
	}))
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	q.kinds[zero.Kind()] = true
	return nil
}

// Every adds a job at intervals, once for all replicas, and once at the start.
func (q *Queue) Every(interval time.Duration, id string, args Args) {
	q.periodic = append(q.periodic, river.NewPeriodicJob(river.PeriodicInterval(interval),
		func() (river.JobArgs, *river.InsertOpts) { return args, nil },
		&river.PeriodicJobOpts{ID: id, RunOnStart: true}))
}

// Options of one job; the zero value is now, with River's number of attempts.
type Options struct {
	// At is when to work it.
	At time.Time
	// MaxAttempts bounds how often it is tried.
	MaxAttempts int
	// Unique drops the job if one with the same arguments waits or runs already.
	Unique bool
}

// Add adds a job in tx. It must be for the agency of the transaction.
func (q *Queue) Add(ctx context.Context, tx *db.Tx, args Args, o Options) error {
	if !q.kinds[args.Kind()] {
		return fmt.Errorf("jobs: nothing handles %q", args.Kind())
	}
	if args.JobAgency() != tx.AgencyID() {
		return errors.New("jobs: the job is for another agency than the transaction")
	}
	opts := &river.InsertOpts{ScheduledAt: o.At, MaxAttempts: o.MaxAttempts}
	if o.Unique {
		opts.UniqueOpts = river.UniqueOpts{ByArgs: true}
	}
	return q.mech.WithJobsRole(ctx, tx, func(ptx pgx.Tx) error {
		_, err := q.inserter.InsertTx(ctx, ptx, args, opts)
		return err
	})
}

// Run works jobs until ctx ends, and lets those under way finish.
func (q *Queue) Run(ctx context.Context) error {
	pool, err := q.mech.JobsPool(ctx, poolSize)
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	defer pool.Close()
	client, err := river.NewClient(riverpgxv5.New(pool), &river.Config{
		Schema: q.mech.Schema(), Logger: quiet(q.cfg.Log), Workers: q.workers, PeriodicJobs: q.periodic,
		Queues:        map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: q.cfg.Workers}},
		FetchCooldown: fetchCooldown, JobTimeout: jobTimeout,
		// Reindexing needs the owner of the tables, which no running service is.
		ReindexerIndexNames: []string{},
	})
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	// The client outlives ctx: its end is Stop, which waits for the jobs under way.
	if err := q.start(ctx, client); err != nil {
		return err
	}
	<-ctx.Done()
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWait)
	defer cancel()
	if err := client.Stop(stopping); err == nil {
		return nil
	}
	hard, cancelHard := context.WithTimeout(context.WithoutCancel(ctx), stopWait)
	defer cancelHard()
	return client.StopAndCancel(hard)
}

// start tries until the database answers: a service may be up before its database.
func (q *Queue) start(ctx context.Context, client *river.Client[pgx.Tx]) error {
	for {
		err := client.Start(context.WithoutCancel(ctx))
		if err == nil {
			return nil
		}
		q.cfg.Log.WarnContext(ctx, "jobs: not started, trying again", "error", err.Error())
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}

// quiet keeps River's own news below warnings out of the service's log.
func quiet(log *slog.Logger) *slog.Logger { return slog.New(warnings{log.Handler()}) }

type warnings struct{ slog.Handler }

func (w warnings) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && w.Handler.Enabled(ctx, l)
}

func (w warnings) WithAttrs(a []slog.Attr) slog.Handler { return warnings{w.Handler.WithAttrs(a)} }
func (w warnings) WithGroup(n string) slog.Handler      { return warnings{w.Handler.WithGroup(n)} }
