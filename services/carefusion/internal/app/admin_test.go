package app

import (
	"crypto/tls"
	"errors"
	"net"
	"testing"
)

func TestProbesArePlainOnTheMachineOnly(t *testing.T) {
	asked := 0
	cert := func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		asked++
		return nil, errors.New("no certificate")
	}
	for addr, wantsTLS := range map[string]bool{"127.0.0.1:0": false, ":0": true, "0.0.0.0:0": true} {
		asked = 0
		l, err := adminListener(t.Context(), addr, cert)
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan struct{})
		go func() {
			defer close(done)
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 1))
			_ = c.Close()
		}()
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		c, err := tls.Dial("tcp", net.JoinHostPort("127.0.0.1", port), &tls.Config{ServerName: "carefusion", MinVersion: tls.VersionTLS12})
		if err == nil {
			_ = c.Close()
			t.Fatal("a handshake without a certificate succeeded")
		}
		<-done
		_ = l.Close()
		if (asked > 0) != wantsTLS {
			t.Errorf("%s: the certificate was asked for %d times", addr, asked)
		}
	}
}
