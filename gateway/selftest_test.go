package gateway

import (
	"bytes"
	"errors"
	"net"
	"strings"
	"testing"

	"google.golang.org/grpc"

	"github.com/fusionems/quantum/pkg/selftest"
)

func TestTheSelfTestAsksEveryService(t *testing.T) {
	p := start(t)
	var out bytes.Buffer
	if err := selfTest(t.Context(), p.cfg, &out); err != nil {
		t.Errorf("%v\n%s", err, out.String())
	}
	// Three questions for each of the seven services, and one for the broker.
	if n := strings.Count(out.String(), "ok   "); n != 22 {
		t.Errorf("%d checks hold:\n%s", n, out.String())
	}

	ln, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	plain := grpc.NewServer()
	go func() { _ = plain.Serve(ln) }()
	t.Cleanup(plain.Stop)
	cfg := p.cfg
	cfg.Peers += ",qa=" + ln.Addr().String()
	out.Reset()
	if err := selfTest(t.Context(), cfg, &out); !errors.Is(err, selftest.ErrFailed) || !strings.Contains(out.String(), "FAIL mtls qa refuses plain text: ") {
		t.Errorf("%v\n%s", err, out.String())
	}
}
