package verify_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"golang.org/x/mod/sumdb/note"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	"github.com/fusionems/quantum/services/audit/internal/leaf"
	"github.com/fusionems/quantum/services/audit/internal/store"
	"github.com/fusionems/quantum/services/audit/internal/tlog"
	"github.com/fusionems/quantum/services/audit/internal/trail"
	"github.com/fusionems/quantum/services/audit/internal/verify"
)

// log is a log of entries of two agencies, appended in batches of several sizes.
type log struct {
	raw    *pg.Database
	super  *pgx.Conn
	signer *tlog.Signer
}

func newLog(t *testing.T, batches ...int) *log {
	t.Helper()
	d, raw := pg.Open(t, pg.Service{Schema: "audit", Migrations: store.Migrations})
	key, _, err := note.GenerateKey(rand.Reader, "log.test/audit")
	if err != nil {
		t.Fatal(err)
	}
	l := &log{raw: raw, super: raw.Superuser(t)}
	if l.signer, err = tlog.NewSigner(key); err != nil {
		t.Fatal(err)
	}
	appender := trail.NewAppender(l.signer, time.Now, rand.Reader)
	ctx := identity.With(context.Background(), identity.ForService("audit", 0))
	for _, n := range batches {
		var records []leaf.Record
		for i := range n {
			records = append(records, record(i))
		}
		err := d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			return appender.Append(ctx, store.In(tx), records)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func record(i int) leaf.Record {
	return leaf.Record{
		EventID: uuid.Must(uuid.NewV7()), AgencyID: int64(11 + 11*(i%2)), Stream: leaf.Human, Outcome: leaf.Success,
		OccurredTime: time.Now(), Service: "qa", Action: "fleet.qa.v1.CaseService/GetCase", Resource: fmt.Sprintf("cases/%d", i),
		Actor: "u", ActorKind: "human", Role: "qa_reviewer",
		Detail: leaf.EncodeDetail(leaf.Detail{Changes: []leaf.Change{{Field: "state", Before: "open", After: "closed"}}}),
	}
}

// alter changes rows as somebody with all rights would, and puts the protection back.
func (l *log) alter(t *testing.T, statements ...string) {
	t.Helper()
	tables := []string{"entry", "node", "checkpoint", "policy_version"}
	var script strings.Builder
	for _, table := range tables {
		fmt.Fprintf(&script, "ALTER TABLE audit.%s DISABLE TRIGGER append_only;\n", table)
	}
	script.WriteString(strings.Join(statements, ";\n") + ";\n")
	for _, table := range tables {
		fmt.Fprintf(&script, "ALTER TABLE audit.%s ENABLE ALWAYS TRIGGER append_only;\n", table)
	}
	if _, err := l.super.Exec(context.Background(), script.String()); err != nil {
		t.Fatal(err)
	}
}

func (l *log) verify(t *testing.T, kept string) *verify.Report {
	t.Helper()
	ctx := context.Background()
	scan, err := store.OpenScan(ctx, l.raw.As(t, "audit_login", pg.LoginPassword))
	if err != nil {
		t.Fatal(err)
	}
	defer scan.Close(ctx)
	report, err := verify.Log(ctx, scan, verify.Options{VerifierKeys: []string{l.signer.VerifierKey()}, Kept: kept})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func text(t *testing.T, r *verify.Report) string {
	t.Helper()
	var b strings.Builder
	if err := r.Print(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestUntouchedLogVerifies(t *testing.T) {
	l := newLog(t, 1, 7, 200, 600, 3)
	r := l.verify(t, "")
	if out := text(t, r); !r.OK() || r.Size != 811 || r.Checkpoints != 5 || !strings.HasPrefix(out, "OK origin=log.test/audit size=811 root=") {
		t.Errorf("got %s", out)
	}
	if r := newLog(t).verify(t, ""); !r.OK() || r.Size != 0 {
		t.Errorf("an empty log: %s", text(t, r))
	}
}

// reencode makes a row whose leaf fits its changed column, and the hash of that leaf.
func reencode(t *testing.T, l *log, index int) (leafInput, hash []byte) {
	t.Helper()
	ctx := context.Background()
	scan, err := store.OpenScan(ctx, l.raw.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer scan.Close(ctx)
	list, err := scan.Entries(ctx, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	e := list[index].Record
	e.Actor = "somebody else"
	leafInput = leaf.Encode(e)
	return leafInput, tlog.HashLeaf(leafInput)
}

func TestAlterationsAreFoundAndNamed(t *testing.T) {
	cases := map[string]struct {
		alter func(t *testing.T, l *log) []string
		want  []verify.Range
		says  string
	}{
		"a column":   {sqlOf("UPDATE audit.entry SET actor = 'x' WHERE leaf_index = 17"), []verify.Range{{17, 18}}, "first leaf 17"},
		"the tenant": {sqlOf("UPDATE audit.entry SET agency_id = 33 WHERE leaf_index = 18"), []verify.Range{{18, 19}}, "leaf 18"},
		"two rows":   {sqlOf("UPDATE audit.entry SET role = 'x' WHERE leaf_index IN (17, 240)"), []verify.Range{{17, 18}, {240, 241}}, "altered leaves: 17, 240"},
		"detail":     {sqlOf(`UPDATE audit.entry SET detail = replace(detail, 'closed', 'kept') WHERE leaf_index = 5`), []verify.Range{{5, 6}}, "first leaf 5"},
		"salt":       {sqlOf(`UPDATE audit.entry SET salt = '\x00' WHERE leaf_index = 5`), []verify.Range{{5, 6}}, "first leaf 5"},
		"leaf with its columns": {func(t *testing.T, l *log) []string {
			input, _ := reencode(t, l, 210)
			return []string{fmt.Sprintf(`UPDATE audit.entry SET actor = 'somebody else', leaf_input = '\x%x' WHERE leaf_index = 210`, input)}
		}, []verify.Range{{210, 211}}, "leaf 210: its hash in the tree"},
		"leaf with columns and hash": {func(t *testing.T, l *log) []string {
			input, hash := reencode(t, l, 210)
			return []string{
				fmt.Sprintf(`UPDATE audit.entry SET actor = 'somebody else', leaf_input = '\x%x' WHERE leaf_index = 210`, input),
				fmt.Sprintf(`UPDATE audit.node SET hashes = overlay(hashes PLACING '\x%x' FROM (210 - first_index)::int * 32 + 1)
WHERE level = 0 AND first_index = (SELECT max(first_index) FROM audit.node WHERE level = 0 AND first_index <= 210)`, hash),
			}
		}, []verify.Range{{210, 212}}, "node 105 of level 1"},
		"a row deleted":   {sqlOf("DELETE FROM audit.entry WHERE leaf_index = 100"), []verify.Range{{100, 101}}, "leaf 100: its row is missing"},
		"a node":          {sqlOf(`UPDATE audit.node SET hashes = overlay(hashes PLACING '\x00' FROM 1) WHERE level = 3 AND first_index = 0`), []verify.Range{{0, 8}}, "node 0 of level 3"},
		"a node deleted":  {sqlOf("DELETE FROM audit.node WHERE level = 0 AND first_index = 8"), []verify.Range{{8, 208}}, "is not stored"},
		"a signature":     {sqlOf("UPDATE audit.checkpoint SET note = replace(note, '208', '209') WHERE tree_size = 208"), nil, "checkpoint of size 208"},
		"a root":          {sqlOf(`UPDATE audit.checkpoint SET root_hash = sha256('x') WHERE tree_size = 208`), nil, "another size or root"},
		"a checkpoint":    {sqlOf("DELETE FROM audit.checkpoint WHERE tree_size = 400"), nil, "covered by no checkpoint"},
		"the last rows":   {sqlOf("DELETE FROM audit.entry WHERE leaf_index >= 390"), nil, "the log has 390 entries only"},
		"rows and nodes":  {sqlOf("DELETE FROM audit.entry WHERE leaf_index >= 208", "DELETE FROM audit.checkpoint WHERE tree_size > 208"), nil, "for which there are no entries"},
		"a policy":        {sqlOf(`INSERT INTO audit.policy_version VALUES ('k', 1, '{}', sha256('{}'), 'c', 'a', now())`, `ALTER TABLE audit.policy_version DROP CONSTRAINT policy_version_hash`, `UPDATE audit.policy_version SET document = '{"a":1}'`), nil, "policy version k 1"},
		"the protection":  {sqlOf("ALTER TABLE audit.entry NO FORCE ROW LEVEL SECURITY"), nil, "not forced"},
		"another trigger": {sqlOf("DROP TRIGGER append_only ON audit.policy_activation"), nil, "audit.policy_activation can be changed"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l := newLog(t, 1, 7, 200, 192)
			l.alter(t, c.alter(t, l)...)
			r := l.verify(t, "")
			out := text(t, r)
			if r.OK() || !strings.HasPrefix(out, "ALTERED") || !strings.Contains(out, c.says) {
				t.Errorf("the report does not say %q:\n%s", c.says, out)
			}
			if c.want != nil && !slices.Equal(r.Leaves, c.want) {
				t.Errorf("altered leaves %v, want %v:\n%s", r.Leaves, c.want, out)
			}
		})
	}
}

func sqlOf(statements ...string) func(*testing.T, *log) []string {
	return func(*testing.T, *log) []string { return statements }
}

// Who has all rights and the signing key can make a new history that verifies, but not one that fits what others kept.
func TestKeptCheckpointFindsRewrittenHistory(t *testing.T) {
	l := newLog(t, 10, 10)
	var kept string
	if err := l.super.QueryRow(context.Background(), "SELECT note FROM audit.checkpoint WHERE tree_size = 20").Scan(&kept); err != nil {
		t.Fatal(err)
	}
	if r := l.verify(t, kept); !r.OK() {
		t.Fatalf("the same log: %s", text(t, r))
	}
	l.alter(t, "DELETE FROM audit.entry WHERE leaf_index >= 10", "DELETE FROM audit.checkpoint WHERE tree_size = 20",
		"DELETE FROM audit.node WHERE (first_index + length(hashes) / 32) << level > 10")
	if r := l.verify(t, ""); !r.OK() {
		t.Fatalf("a clean cut cannot be seen from inside: %s", text(t, r))
	}
	if r := l.verify(t, kept); r.OK() || !strings.Contains(text(t, r), "cut off the end") {
		t.Errorf("cut log with kept checkpoint: %s", text(t, r))
	}
	other := newLog(t, 10, 10)
	other.signer = l.signer
	if r := other.verify(t, kept); r.OK() || !strings.Contains(text(t, r), "history was changed") {
		t.Errorf("another history: %s", text(t, r))
	}
}
