package selftest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/http2"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/fusionems/quantum/pkg/rpc"
	"github.com/fusionems/quantum/pkg/tlsfile"
)

// Peers asks each peer, by name and address, to answer the own identity and to refuse everybody else. A peer that cannot be reached has
// refused nobody.
func Peers(own *tlsfile.Source, peers map[string]string) []Check {
	var out []Check
	for _, name := range slices.Sorted(maps.Keys(peers)) {
		addr := peers[name]
		out = append(out,
			Check{"mtls " + name + " answers this identity", func(ctx context.Context) (string, error) { return answers(ctx, own, name, addr) }},
			Check{"mtls " + name + " refuses plain text", func(ctx context.Context) (string, error) { return everywhere(ctx, addr, plain) }},
			Check{"mtls " + name + " refuses the nameless", func(ctx context.Context) (string, error) { return everywhere(ctx, addr, nameless) }},
		)
	}
	return out
}

func answers(ctx context.Context, own *tlsfile.Source, name, addr string) (string, error) {
	conn, err := rpc.Dial(own, name, addr)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	res, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{})
	if err != nil {
		return "", err
	}
	return strings.ToLower(res.GetStatus().String()), nil
}

// everywhere asks each address of the peer: behind a headless name there is one for each pod.
func everywhere(ctx context.Context, addr string, ask func(net.Conn) error) (string, error) {
	if _, rest, ok := strings.Cut(addr, ":///"); ok {
		addr = rest
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	ips, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil {
		return "", err
	}
	for _, ip := range ips {
		at := net.JoinHostPort(ip, port)
		if err := once(ctx, at, ask); err != nil {
			return "", fmt.Errorf("%s: %w", at, err)
		}
	}
	return fmt.Sprintf("at %d addresses", len(ips)), nil
}

// answerTime is long for a refusal, which is immediate; silence is not one.
const answerTime = 10 * time.Second

func once(ctx context.Context, at string, ask func(net.Conn) error) error {
	conn, err := (&net.Dialer{Timeout: answerTime}).DialContext(ctx, "tcp", at)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(answerTime)); err != nil {
		return err
	}
	return ask(conn)
}

var (
	errServed = errors.New("it serves whoever connects")
	errSilent = errors.New("it neither refuses nor answers")
)

// plain speaks HTTP/2 without TLS.
func plain(conn net.Conn) error {
	if err := preface(conn); err != nil {
		return nil //nolint:nilerr // it closed the connection, which is the refusal
	}
	frame, err := http2.NewFramer(io.Discard, conn).ReadFrame()
	switch {
	case err == nil && frame.Header().Type == http2.FrameSettings:
		return errServed
	case isTimeout(err):
		return errSilent
	}
	return nil
}

// nameless speaks TLS and shows no certificate. In TLS 1.3 the handshake of such a client ends before the server refuses it.
func nameless(conn net.Conn) error {
	c := tls.Client(conn, &tls.Config{
		MinVersion: tls.VersionTLS13, NextProtos: []string{"h2"},
		InsecureSkipVerify: true, //nolint:gosec // it is the server who must refuse; nothing is sent that matters
	})
	if err := preface(c); err == nil {
		_, err := http2.NewFramer(io.Discard, c).ReadFrame()
		switch {
		case err == nil:
			return errServed
		case isTimeout(err):
			return errSilent
		}
		return nil
	} else if isTimeout(err) {
		return errSilent
	}
	return nil
}

// preface is how a client of HTTP/2 begins: the magic words and its settings.
func preface(w io.Writer) error {
	if _, err := io.WriteString(w, http2.ClientPreface); err != nil {
		return err
	}
	return http2.NewFramer(w, nil).WriteSettings()
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}
