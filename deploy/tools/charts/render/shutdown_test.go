package render_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fusionems/quantum/deploy/tools/charts/render"
)

// drains are where a binary says for how many seconds it goes on with the work that it has, once it was told to end.
var drains = map[string]*regexp.Regexp{
	"pkg/rpc/server.go":                             regexp.MustCompile(`drainTimeout\s+= ([0-9]+) \* time\.Second`),
	"gateway/server.go":                             regexp.MustCompile(`drainTimeout\s+= ([0-9]+) \* time\.Second`),
	"services/carefusion/internal/config/config.go": regexp.MustCompile(`env:"SHUTDOWN_TIMEOUT" envDefault:"([0-9]+)s"`),
}

// A process that is told to end closes its port before anybody looks at its readiness again, so the pod must go on answering until the
// endpoints have forgotten it, and must have the time to end its work after that.
func TestAPodAnswersUntilNobodyIsSentToIt(t *testing.T) {
	longest := 0
	for file, says := range drains {
		raw, err := os.ReadFile(filepath.Join("../../../..", file))
		if err != nil {
			t.Fatal(err)
		}
		m := says.FindStringSubmatch(string(raw))
		if m == nil {
			t.Fatalf("%s no longer says how long it drains", file)
		}
		seconds, err := strconv.Atoi(m[1])
		if err != nil {
			t.Fatal(err)
		}
		longest = max(longest, seconds)
	}
	const flush = 10 // what is in queues is handed on after the last answer
	for chart := range deliveries {
		seen := 0
		for _, o := range objects(t, render.Helm3, request(t, chart, "prod")) {
			if o.GetKind() != "Deployment" {
				continue
			}
			var d appsv1.Deployment
			if err := runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &d); err != nil {
				t.Fatal(err)
			}
			pod := d.Spec.Template.Spec
			if pod.TerminationGracePeriodSeconds == nil {
				t.Fatalf("%s %s says nothing of its end", chart, o.GetName())
			}
			for _, c := range pod.Containers {
				seen++
				if c.Lifecycle == nil || c.Lifecycle.PreStop == nil || c.Lifecycle.PreStop.Sleep == nil || c.Lifecycle.PreStop.Sleep.Seconds < 5 {
					t.Errorf("%s %s ends at once when it is told to; endpoints take longer to forget it", chart, o.GetName())
					continue
				}
				if may := c.Lifecycle.PreStop.Sleep.Seconds + int64(longest+flush); *pod.TerminationGracePeriodSeconds < may {
					t.Errorf("%s %s: killed after %d seconds, and it may take %d", chart, o.GetName(), *pod.TerminationGracePeriodSeconds, may)
				}
			}
		}
		if seen == 0 {
			t.Errorf("%s has no containers", chart)
		}
	}
}
