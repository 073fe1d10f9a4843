package store

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/services/clinical/internal/store/dbsqlc"
)

// ReasonCrewIDTaken says that another login of the agency has the crew id.
const ReasonCrewIDTaken = "CREW_ID_TAKEN"

// Personnel binds a login to crew ids.
type Personnel struct {
	Subject    string
	CrewIDs    []string
	UpdateTime time.Time
}

// SetPersonnel replaces the crew ids of a login.
func (s *Store) SetPersonnel(ctx context.Context, agencyID int64, subject string, crewIDs []string) (*Personnel, error) {
	// Never nil: as NULL it would keep every crew id from being dropped.
	ids := append([]string{}, crewIDs...)
	slices.Sort(ids)
	p := &Personnel{Subject: subject, CrewIDs: ids, UpdateTime: s.clock.Now()}
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		// The row of the login is the lock: two updates of one login run one after the other.
		err := s.q.PutPersonnel(ctx, tx, dbsqlc.PutPersonnelParams{AgencyID: agencyID, Subject: subject, UpdateTime: p.UpdateTime})
		if err != nil {
			return err
		}
		before, err := s.q.CrewIDsOf(ctx, tx, dbsqlc.CrewIDsOfParams{AgencyID: agencyID, Subject: subject})
		if err != nil {
			return err
		}
		audit.Target(ctx, "personnel/"+subject)
		audit.Changed(ctx, "crewIds", masked(before), masked(p.CrewIDs))
		return s.replace(ctx, tx, agencyID, subject, before, p.CrewIDs)
	})
	if db.Constraint(err) == "personnel_crew_id_pkey" {
		return nil, errs.New(errs.AlreadyExists, ReasonCrewIDTaken, "another login of the agency has one of these crew ids",
			errs.WithCause(err), errs.WithFields(errs.Field{
				Field: "crewIds", Rule: "personnel.crew_id.unique", Message: "a crew id belongs to one login; take it from the other first",
			}))
	}
	return p, err
}

func (s *Store) replace(ctx context.Context, tx *db.Tx, agencyID int64, subject string, before, after []string) error {
	err := s.q.DropCrewIDs(ctx, tx, dbsqlc.DropCrewIDsParams{AgencyID: agencyID, Subject: subject, Keep: after})
	if err != nil {
		return err
	}
	added := slices.DeleteFunc(slices.Clone(after), func(id string) bool { return slices.Contains(before, id) })
	if len(added) == 0 {
		return nil
	}
	return s.q.AddCrewIDs(ctx, tx, dbsqlc.AddCrewIDsParams{AgencyID: agencyID, Subject: subject, CrewIds: added})
}

func masked(ids []string) string {
	out := make([]string, len(ids))
	for i, id := range ids {
		out[i] = audit.Mask(id)
	}
	return strings.Join(out, ",")
}

// Personnel lists the bindings of an agency by subject, after one.
func (s *Store) Personnel(ctx context.Context, agencyID int64, after string, limit int32) ([]Personnel, error) {
	var rows []dbsqlc.ListPersonnelRow
	err := s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		rows, err = s.q.ListPersonnel(ctx, tx, dbsqlc.ListPersonnelParams{AgencyID: agencyID, After: after, RowLimit: limit})
		return err
	})
	out := make([]Personnel, len(rows))
	for i, r := range rows {
		out[i] = Personnel{Subject: r.Subject, CrewIDs: r.CrewIds, UpdateTime: r.UpdateTime}
	}
	return out, err
}
