package store

import (
	"context"
	"encoding/hex"
	"time"

	"github.com/fusionems/quantum/pkg/db"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	"github.com/fusionems/quantum/services/audit/internal/governance"
	"github.com/fusionems/quantum/services/audit/internal/store/dbsqlc"
)

// Policies is the store of governance.
type Policies struct{ db *db.DB }

// NewPolicies returns the store of governance.
func NewPolicies(d *db.DB) Policies { return Policies{d} }

// Write runs fn in a transaction.
func (s Policies) Write(ctx context.Context, fn func(ctx context.Context, tx governance.Tx) error) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error { return fn(ctx, policyTx{tx}) })
}

type policyTx struct{ tx *db.Tx }

func (t policyTx) Lock(ctx context.Context, key string) error {
	return queries().LockPolicy(ctx, t.tx, dbsqlc.LockPolicyParams{LockKey: policyLock, Key: key})
}

func (t policyTx) Latest(ctx context.Context, key string) (int32, error) {
	return queries().LatestVersion(ctx, t.tx, key)
}

func (t policyTx) Active(ctx context.Context, key string) (int32, error) {
	return queries().ActiveVersion(ctx, t.tx, key)
}

func (t policyTx) Version(ctx context.Context, key string, version int32) (governance.Version, error) {
	return versionIn(ctx, t.tx, key, version)
}

func (t policyTx) Insert(ctx context.Context, v governance.Version) error {
	sum, err := hex.DecodeString(v.SHA256)
	if err != nil {
		return err
	}
	return queries().InsertPolicyVersion(ctx, t.tx, dbsqlc.InsertPolicyVersionParams{
		Key: v.Key, Version: v.Version, Document: string(v.Document), Sha256: sum, Comment: v.Comment, Author: v.Author,
		CreateTime: v.CreateTime,
	})
}

func (t policyTx) Activate(ctx context.Context, v governance.Version, by string, at time.Time) error {
	t.tx.Emit(v.Name(), &auditv1.PolicyActivated{Key: v.Key, Version: v.Version, Sha256: v.SHA256})
	return queries().InsertActivation(ctx, t.tx, dbsqlc.InsertActivationParams{
		Key: v.Key, Version: v.Version, ActivatedBy: by, ActivateTime: at,
	})
}

// Version answers one version; 0 is the one in force.
func (s Policies) Version(ctx context.Context, key string, version int32) (v governance.Version, err error) {
	err = s.db.Read(ctx, func(ctx context.Context, tx *db.Tx) error {
		if version == 0 {
			if version, err = queries().ActiveVersion(ctx, tx, key); err != nil {
				return err
			}
		}
		v, err = versionIn(ctx, tx, key, version)
		return err
	})
	return v, err
}

// Versions answers versions below a number, highest first.
func (s Policies) Versions(ctx context.Context, key string, before int32, limit int) (list []governance.Version, err error) {
	err = s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
		rows, err := queries().PolicyVersions(ctx, tx, dbsqlc.PolicyVersionsParams{Key: key, Before: before, RowLimit: int32(limit)}) //nolint:gosec // a page
		for _, r := range rows {
			list = append(list, versionOf(dbsqlc.PolicyVersionRow(r)))
		}
		return err
	})
	return list, err
}

// Numbers answers latest and active version by key.
func (s Policies) Numbers(ctx context.Context) (map[string]governance.Policy, error) {
	out := map[string]governance.Policy{}
	err := s.db.ReadOne(ctx, func(ctx context.Context, tx *db.Tx) error {
		rows, err := queries().PolicyHeads(ctx, tx)
		for _, r := range rows {
			out[r.Key] = governance.Policy{Key: r.Key, Latest: r.Latest, Active: r.Active}
		}
		return err
	})
	return out, err
}

func versionIn(ctx context.Context, tx dbsqlc.DBTX, key string, version int32) (governance.Version, error) {
	row, err := queries().PolicyVersion(ctx, tx, dbsqlc.PolicyVersionParams{Key: key, Version: version})
	if isNone(err) {
		return governance.Version{}, governance.VersionNotFound()
	}
	return versionOf(row), err
}

func versionOf(r dbsqlc.PolicyVersionRow) governance.Version {
	v := governance.Version{
		Key: r.Key, Version: r.Version, Document: []byte(r.Document), SHA256: hex.EncodeToString(r.Sha256), Comment: r.Comment,
		Author: r.Author, CreateTime: r.CreateTime, Active: r.Active,
	}
	if r.ActivateTime.Unix() != 0 { // the query's stand-in for never
		v.ActivateTime = r.ActivateTime
	}
	return v
}
