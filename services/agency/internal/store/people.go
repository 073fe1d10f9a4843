package store

import (
	"context"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/services/agency/internal/directory"
	"github.com/fusionems/quantum/services/agency/internal/store/dbsqlc"
)

// See keeps the person unless they were seen within the same hour.
func (s People) See(ctx context.Context, p directory.Person) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return queries().SeePerson(ctx, tx, dbsqlc.SeePersonParams{
			AgencyID: p.AgencyID, Subject: p.Subject, Login: p.Login, Roles: append([]string{}, p.Roles...),
			FirstSeen: p.FirstSeen, LastSeen: p.LastSeen,
		})
	})
}

// People answers those of the agency of the caller, by login.
func (s People) People(ctx context.Context, q directory.Query) (list []directory.Person, err error) {
	err = s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
		rows, err := queries().ListPeople(ctx, tx, dbsqlc.ListPeopleParams{
			AgencyID: tx.AgencyID(), AfterLogin: q.After.Login, AfterSubject: q.After.Subject, Role: q.Role, RowLimit: q.Limit,
		})
		for _, r := range rows {
			list = append(list, directory.Person{
				AgencyID: r.AgencyID, Subject: r.Subject, Login: r.Login, Roles: r.Roles, FirstSeen: r.FirstSeen, LastSeen: r.LastSeen,
			})
		}
		return err
	})
	return list, err
}
