package obs_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log"
	"log/slog"
	"testing"

	"go.opentelemetry.io/otel"
	"google.golang.org/grpc/grpclog"

	"github.com/fusionems/quantum/pkg/obs"
)

// What libraries say by themselves must be lines of the log as well: one stray line and a collector drops the rest.
func TestLibrariesWriteTheLogOfTheProcess(t *testing.T) {
	var out bytes.Buffer
	before, to, flags := slog.Default(), log.Writer(), log.Flags()
	t.Cleanup(func() {
		slog.SetDefault(before)
		log.SetOutput(to)
		log.SetFlags(flags)
	})
	obs.Adopt(obs.NewLogger(&out, "qa", slog.LevelInfo))
	log.Printf("from the %s library", "standard")
	grpclog.Errorf("transport %d\n", 7)
	grpclog.Infof("idle")
	otel.Handle(errors.New("no collector"))
	want := []map[string]string{
		{"level": "INFO", "msg": "from the standard library"},
		{"level": "ERROR", "msg": "grpc", "error": "transport 7"},
		{"level": "WARN", "msg": "telemetry", "error": "no collector"},
	}
	lines := bytes.Split(bytes.TrimSpace(out.Bytes()), []byte("\n"))
	if len(lines) != len(want) {
		t.Fatalf("%d lines, want %d:\n%s", len(lines), len(want), out.Bytes())
	}
	for i, line := range lines {
		var got map[string]any
		if err := json.Unmarshal(line, &got); err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		if got["service"] != "qa" || got["time"] == nil {
			t.Errorf("line %s", line)
		}
		for k, v := range want[i] {
			if got[k] != v {
				t.Errorf("%s = %v, want %s", k, got[k], v)
			}
		}
	}
}
