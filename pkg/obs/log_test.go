package obs_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"testing"

	"github.com/fusionems/quantum/pkg/obs"
)

func TestLogTakesScalarsAndOmitsWhatMayHoldProtectedData(t *testing.T) {
	var out bytes.Buffer
	obs.NewLogger(&out, "qa", slog.LevelInfo).Warn("late", "n", 3, "error", errors.New("no answer"), "patient", struct{ Name string }{"somebody"})
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"level": "WARN", "msg": "late", "service": "qa", "n": float64(3), "error": "no answer", "patient": "[omitted struct { Name string }]",
	}
	for k, v := range want {
		if line[k] != v {
			t.Errorf("%s = %v, want %v", k, line[k], v)
		}
	}
}
