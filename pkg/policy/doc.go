// Package policy keeps a service's own copy of the governance policies it judges by, and hands them out as typed values.
//
// The evidence service owns the versions. A Keeper fetches the version in force at start-up (Run) and on every
// governance.policy.activated.v1 (Handler), checks its hash, and stores it in the table <schema>.policy_version of the
// service (see DDL). Store.Active reads version and hash inside the caller's transaction and parses a document once per
// hash, so that every replica judges by the same version without talking to each other, and a restart works while the
// evidence service is down.
//
//	keeper := policy.NewKeeper(kit.DB, auditv1.NewPolicyDistributionServiceClient(conn))
//	levels, err := policy.Register(keeper, "billing.level-of-service", claim.ParseRules)
//	…
//	rules, ref, err := levels.Active(ctx, tx)
package policy
