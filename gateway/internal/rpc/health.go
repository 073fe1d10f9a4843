package rpc

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	gatewayv1 "github.com/fusionems/quantum/proto/gen/go/fleet/gateway/v1"
)

type board interface {
	Names() []string
	// Check answers what is wrong, by name.
	Check(ctx context.Context) map[string]string
}

// Health implements gatewayv1.HealthServiceServer.
type Health struct {
	gatewayv1.UnimplementedHealthServiceServer
	board board
	now   func() time.Time
}

// NewHealth makes the server.
func NewHealth(b board, now func() time.Time) *Health { return &Health{board: b, now: now} }

// GetHealth implements gatewayv1.HealthServiceServer.
func (h *Health) GetHealth(ctx context.Context, _ *gatewayv1.GetHealthRequest) (*gatewayv1.Health, error) {
	problems := h.board.Check(ctx)
	answer := &gatewayv1.Health{Ready: len(problems) == 0, CheckTime: timestamppb.New(h.now())}
	for _, name := range h.board.Names() {
		_, bad := problems[name]
		answer.Conditions = append(answer.Conditions, &gatewayv1.Health_Condition{Name: name, Ready: !bad})
	}
	return answer, nil
}
