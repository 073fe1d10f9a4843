package policy_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/inbox"
	"github.com/fusionems/quantum/pkg/policy"
	"github.com/fusionems/quantum/pkg/testkit/pg"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
)

const key = "judge.limits"

type limits struct {
	Seconds int `json:"seconds"`
}

func parseLimits(document []byte) (limits, error) {
	l, err := policy.Decode[limits](document)
	if err == nil && l.Seconds <= 0 {
		err = errors.New("seconds must be positive")
	}
	return l, err
}

// evidence stands for the evidence service: what it says is in force.
type evidence struct {
	version *auditv1.PolicyVersion
	err     error
	asked   int
}

func (e *evidence) GetActivePolicy(context.Context, *auditv1.GetActivePolicyRequest, ...grpc.CallOption) (*auditv1.PolicyVersion, error) {
	e.asked++
	return e.version, e.err
}

func version(t testing.TB, number int32, document map[string]any, activated time.Time) *auditv1.PolicyVersion {
	t.Helper()
	doc, err := structpb.NewStruct(document)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := doc.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	_, sum, err := policy.Canonical(raw)
	if err != nil {
		t.Fatal(err)
	}
	return &auditv1.PolicyVersion{
		Key: key, Version: number, Document: doc, Sha256: sum, Active: true, ActivateTime: timestamppb.New(activated),
	}
}

func open(t testing.TB) *db.DB {
	t.Helper()
	ddl := "-- +goose Up\n" + policy.DDL("judge_svc")
	d, _ := pg.Open(t, pg.Service{
		Schema:     "judge_svc",
		Migrations: fstest.MapFS{"0001_create_policy.sql": &fstest.MapFile{Data: []byte(ddl)}},
	})
	return d
}

// judge reads the version in force as the service does while it works on an event of an agency.
func judge(t *testing.T, d *db.DB, s *policy.Store[limits], agency int64) (limits, policy.Ref, error) {
	t.Helper()
	var l limits
	var ref policy.Ref
	err := d.Write(identity.With(t.Context(), identity.ForService("judge_svc", agency)), func(ctx context.Context, tx *db.Tx) (err error) {
		l, ref, err = s.Active(ctx, tx)
		return err
	})
	return l, ref, err
}

func TestStartUpWithoutAndWithTheEvidenceService(t *testing.T) {
	d := open(t)
	src := &evidence{err: errors.New("connection refused")}
	k := policy.NewKeeper(d, src, slog.New(slog.DiscardHandler))
	s := policy.Register(k, key, parseLimits)

	if err := k.Fetch(t.Context()); err == nil {
		t.Error("Fetch without the evidence service succeeded")
	}
	if err := k.Ready(t.Context()); err == nil || !strings.Contains(err.Error(), key) {
		t.Errorf("Ready without a copy: %v, want one that names the policy", err)
	}
	if _, _, err := judge(t, d, s, 11); errs.Reason(err) != policy.ReasonMissing || !errs.IsKind(err, errs.Unavailable) {
		t.Errorf("judging without a copy: %v", err)
	}

	src.err, src.version = nil, version(t, 1, map[string]any{"seconds": 480}, time.Unix(1000, 0))
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- k.Run(ctx) }()
	deadline := time.Now().Add(time.Minute)
	for k.Ready(t.Context()) != nil && time.Now().Before(deadline) {
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	if err := <-done; err != nil {
		t.Errorf("Run: %v", err)
	}
	for _, agency := range []int64{11, 22} {
		l, ref, err := judge(t, d, s, agency)
		if err != nil || l.Seconds != 480 || ref.Version != 1 || ref.SHA256 != src.version.GetSha256() {
			t.Errorf("agency %d: %v, %v, %v", agency, l, ref, err)
		}
	}

	// Another replica, started while the evidence service is down, judges by the stored copy.
	down := policy.NewKeeper(d, &evidence{err: errors.New("down")}, slog.New(slog.DiscardHandler))
	s2 := policy.Register(down, key, parseLimits)
	if err := down.Ready(t.Context()); err != nil {
		t.Errorf("Ready with a stored copy: %v", err)
	}
	if l, _, err := judge(t, d, s2, 11); err != nil || l.Seconds != 480 {
		t.Errorf("stored copy: %v, %v", l, err)
	}
}

func TestActivationReachesEveryReplica(t *testing.T) {
	d := open(t)
	src := &evidence{version: version(t, 1, map[string]any{"seconds": 480}, time.Unix(1000, 0))}
	k := policy.NewKeeper(d, src, slog.New(slog.DiscardHandler))
	s := policy.Register(k, key, parseLimits)
	other := policy.Register(policy.NewKeeper(d, src, slog.New(slog.DiscardHandler)), key, parseLimits)
	if err := k.Fetch(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := judge(t, d, other, 22); err != nil {
		t.Fatal(err)
	}

	src.version = version(t, 2, map[string]any{"seconds": 600}, time.Unix(2000, 0))
	activated(t, d, k, key)
	for name, st := range map[string]*policy.Store[limits]{"the one that consumed": s, "the other": other} {
		if l, ref, err := judge(t, d, st, 22); err != nil || l.Seconds != 600 || ref.Version != 2 {
			t.Errorf("%s: %v, %v, %v", name, l, ref, err)
		}
	}

	// An older version is put in force again: the time of activation decides, not the number.
	src.version = version(t, 1, map[string]any{"seconds": 480}, time.Unix(3000, 0))
	activated(t, d, k, key)
	if l, ref, err := judge(t, d, other, 11); err != nil || l.Seconds != 480 || ref.Version != 1 {
		t.Errorf("after going back: %v, %v, %v", l, ref, err)
	}
}

func activated(t *testing.T, d *db.DB, k *policy.Keeper, key string) {
	t.Helper()
	h := k.Handler()
	ev := inbox.Event{Type: "fleet.audit.v1.PolicyActivated", Message: &auditv1.PolicyActivated{Key: key}}
	prepared, err := h.Prepare(t.Context(), ev)
	if err != nil {
		t.Fatal(err)
	}
	err = d.Write(identity.With(t.Context(), identity.ForService("judge_svc", 0)), func(ctx context.Context, tx *db.Tx) error {
		return h.Apply(ctx, tx, ev, prepared)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestPoliciesOfOthersArePassedOver(t *testing.T) {
	d := open(t)
	src := &evidence{}
	k := policy.NewKeeper(d, src, slog.New(slog.DiscardHandler))
	policy.Register(k, key, parseLimits)
	activated(t, d, k, "somebody.elses")
	if src.asked != 0 {
		t.Error("asked for a policy that the service does not keep")
	}
}

func TestADocumentThatCannotBeUsedReplacesNothing(t *testing.T) {
	d := open(t)
	src := &evidence{version: version(t, 1, map[string]any{"seconds": 480}, time.Unix(1000, 0))}
	k := policy.NewKeeper(d, src, slog.New(slog.DiscardHandler))
	s := policy.Register(k, key, parseLimits)
	if err := k.Fetch(t.Context()); err != nil {
		t.Fatal(err)
	}
	forged := version(t, 2, map[string]any{"seconds": 600}, time.Unix(2000, 0))
	forged.Sha256 = strings.Repeat("0", 64)
	swapped := version(t, 1, map[string]any{"seconds": 999}, time.Unix(2000, 0))
	never := version(t, 2, map[string]any{"seconds": 600}, time.Unix(2000, 0))
	never.ActivateTime = nil
	for name, v := range map[string]*auditv1.PolicyVersion{
		"rule broken":                  version(t, 2, map[string]any{"seconds": -1}, time.Unix(2000, 0)),
		"unknown field":                version(t, 2, map[string]any{"seconds": 1, "minutes": 1}, time.Unix(2000, 0)),
		"hash of another document":     forged,
		"known version, other content": swapped,
		"never activated":              never,
	} {
		src.version = v
		if err := k.Fetch(t.Context()); err == nil {
			t.Errorf("%s: accepted", name)
		}
		if l, ref, err := judge(t, d, s, 11); err != nil || l.Seconds != 480 || ref.Version != 1 {
			t.Errorf("%s: now judged by %v, %v, %v", name, l, ref, err)
		}
	}
}

func TestCopiesAreOnlyForTheServiceItself(t *testing.T) {
	d := open(t)
	k := policy.NewKeeper(d, &evidence{version: version(t, 1, map[string]any{"seconds": 480}, time.Unix(1000, 0))}, slog.New(slog.DiscardHandler))
	policy.Register(k, key, parseLimits)
	if err := k.Fetch(t.Context()); err != nil {
		t.Fatal(err)
	}
	try := func(ctx context.Context, sql string) error {
		return d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, sql)
			return err
		})
	}
	human := identity.With(t.Context(), identity.Principal{Subject: "u", Actor: identity.Human, ActingRole: "qa", AgencyID: 11})
	if err := try(human, "SELECT 1 FROM judge_svc.policy_version"); !errs.IsKind(err, errs.Denied) {
		t.Errorf("a person reads the table: %v", err)
	}
	system := identity.With(t.Context(), identity.ForService("judge_svc", 0))
	for _, sql := range []string{
		"UPDATE judge_svc.policy_version SET document = '{}'",
		"DELETE FROM judge_svc.policy_version",
		"TRUNCATE judge_svc.policy_version",
	} {
		if err := try(system, sql); !errs.IsKind(err, errs.Denied) {
			t.Errorf("%s: %v, want it denied", sql, err)
		}
	}
}

func TestCanonicalFormIsThatOfRFC8785(t *testing.T) {
	got, sum, err := policy.Canonical([]byte(`{ "b": 1.0, "a": [1e2, "\u00e9"] }`))
	if err != nil || string(got) != `{"a":[100,"é"],"b":1}` {
		t.Errorf("got %s, %v", got, err)
	}
	// sha256sum of the bytes above.
	if want := "f5777dc0fb03eb5ad947b13e4d3be480244c35a358ace5f789e14a59bbc7c4dc"; sum != want {
		t.Errorf("hash %s", sum)
	}
}
