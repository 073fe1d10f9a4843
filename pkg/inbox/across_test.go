package inbox_test

import (
	"context"
	"testing"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/inbox"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
)

func TestOneLogForAllAgenciesKeepsTheOrderOfTheStream(t *testing.T) {
	r := newRig(t)
	largest := 0
	in := r.inbox(0, inbox.Handler{
		Message: (*clinicalv1.ChartImported)(nil), AcrossAgencies: true,
		ApplyBatch: func(ctx context.Context, tx *db.Tx, evs []inbox.Event, prepared []any) error {
			if tx.AgencyID() != 0 || len(prepared) != len(evs) {
				t.Errorf("agency %d, %d prepared for %d events", tx.AgencyID(), len(prepared), len(evs))
			}
			largest = max(largest, len(evs))
			agencies, versions := make([]int64, len(evs)), make([]int32, len(evs))
			for i, ev := range evs {
				agencies[i], versions[i] = ev.AgencyID, ev.Message.(*clinicalv1.ChartImported).GetVersion()
			}
			_, err := tx.Exec(ctx, "INSERT INTO consumer.log (agency_id, version) SELECT * FROM unnest($1::bigint[], $2::int[])", agencies, versions)
			return err
		},
	})
	const rounds = 150
	for i := range rounds {
		r.emit(agencyA, 2*i, 1)
		r.emit(agencyB, 2*i+1, 1)
	}
	r.relay()
	stop := r.start(in.Run)
	r.eventually("all are logged", func() bool { return r.scalar("SELECT count(*) FROM consumer.log") == 2*rounds })
	stop()
	if n := r.scalar("SELECT count(*) FROM (SELECT version, position, row_number() OVER (ORDER BY position) - 1 AS want FROM consumer.log) x WHERE version <> want"); n != 0 {
		t.Errorf("%d entries out of order", n)
	}
	if largest < 2 {
		t.Errorf("largest batch %d: events of agencies do not share transactions", largest)
	}
	if n := r.scalar("SELECT count(DISTINCT agency_id) FROM consumer.inbox"); n != 2 {
		t.Errorf("the inbox knows %d agencies, want 2", n)
	}
}
