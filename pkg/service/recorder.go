package service

import (
	"context"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/internal/grant"
	"github.com/fusionems/quantum/pkg/internal/tracecontext"
	"github.com/fusionems/quantum/pkg/outbox"
)

// recorder stores the record of a call that wrote nothing itself: a read of protected data, or a refusal. It must not
// depend on the caller's rights, which may be none.
type recorder struct{ outbox db.Mechanism }

func newRecorder(d *db.DB) recorder { return recorder{d.Mechanism(grant.New())} }

// Record implements rpc.Recorder. The record is stored even when the caller has gone away meanwhile.
func (r recorder) Record(ctx context.Context, call *audit.Call) error {
	call.SetTrace(tracecontext.Of(ctx))
	m, ok, err := call.Message()
	if err != nil || !ok {
		return err
	}
	err = r.outbox.Messaging(context.WithoutCancel(ctx), func(_ context.Context, _ *db.Tx, queue func(outbox.Message)) error {
		queue(m)
		return nil
	})
	if err == nil {
		call.Committed()
	}
	return err
}
