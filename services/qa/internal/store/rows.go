package store

import (
	"github.com/fusionems/quantum/services/qa/internal/review"
	"github.com/fusionems/quantum/services/qa/internal/store/dbsqlc"
	"github.com/fusionems/quantum/services/qa/internal/trigger"
)

func caseOf(r dbsqlc.QaReviewCase) review.Case {
	return review.Case{
		AgencyID: r.AgencyID, ID: r.ID, IncidentKey: r.IncidentKey, IncidentNumber: r.IncidentNumber, Cycle: int(r.ReviewCycle),
		Chart: review.Chart{ID: r.ChartID, Version: int(r.ChartVersion)},
		State: review.State(r.State), Priority: review.Priority(r.Priority), Class: trigger.Class(r.TriggerClass),
		Policy:       review.PolicyVersion{Key: r.PolicyKey, Version: int(r.PolicyVersion), SHA256: r.PolicySha256},
		WithdrawTime: r.WithdrawTime, CreateTime: r.CreateTime, UpdateTime: r.UpdateTime,
	}
}

func triggerOf(r dbsqlc.QaCaseTrigger) review.Trigger {
	return review.Trigger{
		Fired: trigger.Fired{
			Code: trigger.Code(r.Code), Class: trigger.Class(r.TriggerClass), Measured: r.MeasuredValue, Threshold: r.Threshold,
			Unit: r.Unit, Explanation: r.Explanation, Elements: r.Elements,
		},
		Chart: review.Chart{ID: r.ChartID, Version: int(r.ChartVersion)}, PolicyVersion: int(r.PolicyVersion),
	}
}

//nolint:gosec // versions and cycles count up from 1
func rowOf(c *review.Case) dbsqlc.SaveCaseParams {
	return dbsqlc.SaveCaseParams{
		AgencyID: c.AgencyID, ID: c.ID, IncidentKey: c.IncidentKey, IncidentNumber: c.IncidentNumber, ReviewCycle: int32(c.Cycle),
		ChartID: c.Chart.ID, ChartVersion: int32(c.Chart.Version), State: string(c.State), Priority: string(c.Priority),
		TriggerClass: string(c.Class), PolicyKey: c.Policy.Key, PolicyVersion: int32(c.Policy.Version),
		PolicySha256: c.Policy.SHA256, WithdrawTime: c.WithdrawTime, CreateTime: c.CreateTime, UpdateTime: c.UpdateTime,
	}
}
