package notice_test

import (
	"os"
	"strings"
	"testing"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/services/compliance/internal/notice"
)

func TestWordForWord(t *testing.T) {
	const plan = "../../../../../shared/seeds/000_master_plan.md"
	raw, err := os.ReadFile(plan)
	if err != nil {
		t.Skipf("%s is not here, so the wording cannot be compared", plan)
	}
	for workspace, title := range map[string]string{"dea": "**DEA Portal Disclaimer:**", "cms": "**CMS Portal Disclaimer:**"} {
		_, rest, ok := strings.Cut(string(raw), title+"\n```\n")
		if !ok {
			t.Fatalf("no %s", title)
		}
		want, _, _ := strings.Cut(rest, "\n```")
		if got := notice.Current(workspace).Text; got != want {
			t.Errorf("%s differs from the plan:\n%s", workspace, got)
		}
	}
}

// A wording that changes without a new version would be acknowledged by nobody.
func TestAWordingNeverChanges(t *testing.T) {
	for workspace, sum := range map[string]string{"dea": deaV1, "cms": cmsV1} {
		if n := notice.Current(workspace); n.Version != 1 || n.SHA256 != sum {
			t.Errorf("%s version %d has hash %s", workspace, n.Version, n.SHA256)
		}
	}
}

func TestOnlyTheNoticeInForceIsAcknowledged(t *testing.T) {
	n := notice.Current("dea")
	if err := n.Matches(n.Version, n.SHA256); err != nil {
		t.Error(err)
	}
	for _, err := range []error{n.Matches(2, n.SHA256), n.Matches(1, notice.Current("cms").SHA256)} {
		if errs.Reason(err) != notice.ReasonOutdated {
			t.Errorf("got %v", err)
		}
	}
}

const (
	deaV1 = "451925095b64862108f0a000882899a19ad6f47028b98805eb7306c4f6e7733e"
	cmsV1 = "88cc5b08f9a5b2694ed0c661d5db248f36553bc8cf8a2b9c88aa93beb5a1fcc1"
)
