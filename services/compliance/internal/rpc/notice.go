package rpc

import (
	"context"
	"strconv"

	"github.com/fusionems/quantum/pkg/audit"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
	"github.com/fusionems/quantum/services/compliance/internal/notice"
)

func (s shared) getNotice(ctx context.Context) (*compliancev1.Notice, error) {
	a, err := s.Store.Acknowledgement(ctx, notice.Current(s.name))
	if err != nil {
		return nil, err
	}
	return noticeTo(a), nil
}

func (s shared) acknowledgeNotice(ctx context.Context, version int32, sum string) (*compliancev1.Notice, error) {
	n := notice.Current(s.name)
	if err := n.Matches(version, sum); err != nil {
		return nil, err
	}
	audit.Target(ctx, s.name+"/notice")
	audit.Changed(ctx, "acknowledgedVersion", "", strconv.Itoa(int(version)))
	a, err := s.Store.Acknowledge(ctx, n)
	if err != nil {
		return nil, err
	}
	return noticeTo(a), nil
}

func noticeTo(a notice.Acknowledgement) *compliancev1.Notice {
	return &compliancev1.Notice{
		Workspace: a.Workspace, Version: a.Version, Text: a.Text, Sha256: a.SHA256,
		Acknowledged: a.Time != nil, AcknowledgeTime: timeTo(a.Time),
	}
}
