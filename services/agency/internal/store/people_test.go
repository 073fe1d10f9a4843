package store_test

import (
	"slices"
	"testing"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/testkit/pg"
)

// TestPeopleByGroup looks at raw rows as every group: the matrix of ListPeople reads those of the own agency; the service
// writes them, in the agency that the transaction is in, and reads nobody's login.
func TestPeopleByGroup(t *testing.T) {
	_, raw := pg.Open(t, definition(t))
	insert(t, raw.Superuser(t), 1)
	insert(t, raw.Superuser(t), 2)
	readers := []string{"founder", "agency", "compliance"}
	for _, group := range db.DefaultGroups() {
		d := as(t, raw, group)
		ctx := identity.With(t.Context(), identity.Principal{Subject: "u", Actor: identity.Human, ActingRole: group, AgencyID: 1})
		n, err := count(ctx, d, "person WHERE login <> ''")
		if reads := slices.Contains(readers, group); (err == nil) != reads || (reads && n != 1) {
			t.Errorf("%s sees %d people, %v", group, n, err)
		}
		for sql, want := range map[string]int64{
			seePerson("1", "'new'"): 1, seePerson("2", "'new'"): 0, seePerson("1", "'u1'"): 1,
			"UPDATE agency.person SET last_seen = last_seen + interval '1 hour' WHERE agency_id = 2": 0,
			"UPDATE agency.person SET first_seen = now() WHERE agency_id = 1":                        0,
			"DELETE FROM agency.person WHERE agency_id = 1":                                          0,
		} {
			if group != "system" {
				want = 0
			}
			if n, err := exec(ctx, d, sql); n != want {
				t.Errorf("%s in agency 1: %s changed %d rows, %v; want %d", group, sql, n, err, want)
			}
		}
	}
}

func seePerson(agency, subject string) string {
	const hour = "date_trunc('hour', now() + interval '2 hours', 'UTC')"
	return `INSERT INTO agency.person VALUES (` + agency + `, ` + subject + `, 'x', '{}', now(), ` + hour + `)
ON CONFLICT (agency_id, subject) DO UPDATE SET login = 'x', last_seen = ` + hour + ` WHERE person.last_seen < ` + hour
}
