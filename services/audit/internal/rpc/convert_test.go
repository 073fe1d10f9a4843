package rpc

import (
	"strings"
	"testing"

	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	"github.com/fusionems/quantum/services/audit/internal/leaf"
)

// Filters and answers take the numbers of the one side for those of the other.
func TestStreamsAndOutcomesHaveTheSameNumbers(t *testing.T) {
	for number, name := range auditv1.Stream_name {
		want := strings.ToLower(strings.TrimPrefix(name, "STREAM_"))
		if got := leaf.Stream(number).String(); got != want && number != 0 {
			t.Errorf("stream %d is %q in a leaf and %q on the wire", number, got, want)
		}
	}
	for number, name := range auditv1.Outcome_name {
		want := strings.ToLower(strings.TrimPrefix(name, "OUTCOME_"))
		if got := leaf.Outcome(number).String(); got != want && number != 0 {
			t.Errorf("outcome %d is %q in a leaf and %q on the wire", number, got, want)
		}
	}
	if leaf.Stream(0).String() != "" || leaf.Outcome(0).String() != "" {
		t.Error("what is not specified has a name")
	}
}
