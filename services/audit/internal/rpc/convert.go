package rpc

import (
	"encoding/hex"
	"encoding/json"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	"github.com/fusionems/quantum/services/audit/internal/leaf"
	"github.com/fusionems/quantum/services/audit/internal/tlog"
	"github.com/fusionems/quantum/services/audit/internal/trail"
)

// The numbers of streams and outcomes are the same on both sides; a test holds them together.
func filterFrom(req *auditv1.ListEventsRequest) trail.Filter {
	f := trail.Filter{
		Resource: req.GetResource(), Actor: req.GetActor(), RequestID: req.GetRequestId(), Action: req.GetAction(),
		Stream: leaf.Stream(req.GetStream()), Outcome: leaf.Outcome(req.GetOutcome()), //nolint:gosec // defined values only
	}
	if req.GetFrom() != nil {
		f.From = req.GetFrom().AsTime()
	}
	if req.GetTo() != nil {
		f.To = req.GetTo().AsTime()
	}
	return f
}

func eventsTo(list []trail.Entry) []*auditv1.Event {
	out := make([]*auditv1.Event, len(list))
	for i, e := range list {
		out[i] = eventTo(e)
	}
	return out
}

func eventTo(e trail.Entry) *auditv1.Event {
	out := &auditv1.Event{
		Id: e.EventID.String(), LeafIndex: int64(e.LeafIndex), //nolint:gosec // below 2^63
		Stream: auditv1.Stream(e.Stream), Outcome: auditv1.Outcome(e.Outcome),
		OccurredTime: timestamppb.New(e.OccurredTime), LogTime: timestamppb.New(e.LogTime), AgencyId: e.AgencyID,
		Service: e.Service, Action: e.Action, Resource: e.Resource, Reason: e.Reason, Actor: e.Actor, ActorKind: e.ActorKind,
		Role: e.Role, ExecutedBy: e.ExecutedBy, PolicyVersionId: e.PolicyVersionID, RequestId: e.RequestID,
		LeafHash: hex.EncodeToString(tlog.HashLeaf(e.LeafInput)),
	}
	var d struct {
		AccessReason string `json:"accessReason"`
		Changes      []struct{ Field, Before, After string }
	}
	// The document was written by this service; one that was altered since is for verify to find, not for readers.
	if len(e.Detail) > 0 && json.Unmarshal(e.Detail, &d) == nil {
		out.AccessReason = d.AccessReason
		for _, c := range d.Changes {
			out.Changes = append(out.Changes, &auditv1.Change{Field: c.Field, Before: c.Before, After: c.After})
		}
	}
	return out
}

func proofTo(p trail.Proof) *auditv1.InclusionProof {
	return &auditv1.InclusionProof{
		LeafInput: p.Entry.LeafInput, LeafIndex: proto.Float64(float64(p.Entry.LeafIndex)), TreeSize: proto.Float64(float64(p.Head.Size)),
		Path: p.Path, RootHash: p.Head.Root, Checkpoint: p.Head.Note, DetailSalt: p.Entry.Salt,
	}
}

func growthTo(g trail.Growth) *auditv1.ConsistencyProof {
	return &auditv1.ConsistencyProof{
		From: int64(g.From), To: int64(g.To), Path: g.Path, FromRootHash: g.FromRoot, ToRootHash: g.ToRoot, //nolint:gosec // below 2^63
	}
}
