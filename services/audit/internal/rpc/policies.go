package rpc

import (
	"context"
	"math"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
	"github.com/fusionems/quantum/pkg/page"
	"github.com/fusionems/quantum/pkg/rpc"
	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	"github.com/fusionems/quantum/services/audit/internal/governance"
)

// Policies serves PolicyService.
type Policies struct {
	auditv1.UnimplementedPolicyServiceServer
	governance *governance.Service
	pages      *page.Sealer
}

// NewPolicies returns the server of PolicyService.
func NewPolicies(g *governance.Service, pages *page.Sealer) *Policies {
	return &Policies{governance: g, pages: pages}
}

// CreatePolicyVersion adds a version.
func (s *Policies) CreatePolicyVersion(ctx context.Context, req *auditv1.CreatePolicyVersionRequest) (*auditv1.PolicyVersion, error) {
	doc, err := protojson.Marshal(req.GetDocument())
	if err != nil {
		return nil, errs.New(errs.Invalid, governance.ReasonInvalid, "the document is not JSON", errs.WithCause(err))
	}
	v, err := s.governance.Create(ctx, req.GetKey(), doc, req.GetComment())
	if err == nil {
		err = rpc.Created(ctx)
	}
	return versionTo(v, err)
}

// ActivatePolicyVersion puts a version in force.
func (s *Policies) ActivatePolicyVersion(ctx context.Context, req *auditv1.ActivatePolicyVersionRequest) (*auditv1.PolicyVersion, error) {
	return versionTo(s.governance.Activate(ctx, req.GetKey(), req.GetVersion()))
}

// GetPolicyVersion answers one version.
func (s *Policies) GetPolicyVersion(ctx context.Context, req *auditv1.GetPolicyVersionRequest) (*auditv1.PolicyVersion, error) {
	return versionTo(s.governance.Get(ctx, req.GetKey(), req.GetVersion()))
}

// ListPolicyVersions answers versions, newest first.
func (s *Policies) ListPolicyVersions(ctx context.Context, req *auditv1.ListPolicyVersionsRequest) (*auditv1.ListPolicyVersionsResponse, error) {
	p, _ := identity.From(ctx)
	list, next, err := page.Read(s.pages, p, "ListPolicyVersions/"+req.GetKey(), req,
		func(before int32, limit int32) ([]governance.Version, error) {
			if before == 0 {
				before = math.MaxInt32
			}
			return s.governance.Versions(ctx, req.GetKey(), before, int(limit))
		},
		func(v governance.Version) int32 { return v.Version })
	if err != nil {
		return nil, err
	}
	versions, err := versionsTo(list)
	return &auditv1.ListPolicyVersionsResponse{Versions: versions, NextPageToken: next}, err
}

// ListPolicies answers policies by key.
func (s *Policies) ListPolicies(ctx context.Context, req *auditv1.ListPoliciesRequest) (*auditv1.ListPoliciesResponse, error) {
	p, _ := identity.From(ctx)
	list, next, err := page.Read(s.pages, p, "ListPolicies", req,
		func(after string, limit int32) ([]governance.Policy, error) {
			return s.governance.Policies(ctx, after, int(limit))
		},
		func(k governance.Policy) string { return k.Key })
	if err != nil {
		return nil, err
	}
	out := &auditv1.ListPoliciesResponse{NextPageToken: next}
	for _, k := range list {
		out.Policies = append(out.Policies, &auditv1.Policy{Key: k.Key, Description: k.Description, ActiveVersion: k.Active, LatestVersion: k.Latest})
	}
	return out, nil
}

// Distribution serves PolicyDistributionService, which only services call.
type Distribution struct {
	auditv1.UnimplementedPolicyDistributionServiceServer
	governance *governance.Service
}

// NewDistribution returns the server of PolicyDistributionService.
func NewDistribution(g *governance.Service) *Distribution { return &Distribution{governance: g} }

// GetActivePolicy answers the version in force.
func (s *Distribution) GetActivePolicy(ctx context.Context, req *auditv1.GetActivePolicyRequest) (*auditv1.PolicyVersion, error) {
	return versionTo(s.governance.InForce(ctx, req.GetKey()))
}

func versionTo(v governance.Version, err error) (*auditv1.PolicyVersion, error) {
	if err != nil {
		return nil, err
	}
	doc := &structpb.Struct{}
	if err := protojson.Unmarshal(v.Document, doc); err != nil {
		return nil, err
	}
	out := &auditv1.PolicyVersion{
		Key: v.Key, Version: v.Version, Document: doc, Sha256: v.SHA256, Comment: v.Comment, Author: v.Author,
		CreateTime: timestamppb.New(v.CreateTime), Active: v.Active,
	}
	if !v.ActivateTime.IsZero() {
		out.ActivateTime = timestamppb.New(v.ActivateTime)
	}
	return out, nil
}

func versionsTo(list []governance.Version) ([]*auditv1.PolicyVersion, error) {
	out := make([]*auditv1.PolicyVersion, len(list))
	for i, v := range list {
		p, err := versionTo(v, nil)
		if err != nil {
			return nil, err
		}
		out[i] = p
	}
	return out, nil
}
