package reminder

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// postOffice is a mail server that takes what a certain sender sends.
type postOffice struct {
	mu     sync.Mutex
	mail   []string
	to     []string
	broken bool
}

type session struct {
	office *postOffice
	in     bool
	to     string
}

func (o *postOffice) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{office: o}, nil }

func (s *session) AuthMechanisms() []string { return []string{sasl.Plain} }

func (s *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, name, password string) error {
		if s.in = name == "carefusion" && password == "right"; !s.in {
			return smtp.ErrAuthFailed
		}
		return nil
	}), nil
}

func (s *session) Mail(from string, _ *smtp.MailOptions) error {
	if !s.in || from != "notice@carefusion.test" {
		return smtp.ErrAuthRequired
	}
	return nil
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.to = to
	if s.office.broken {
		return &smtp.SMTPError{Code: 550, Message: "nobody of that name: " + to}
	}
	return nil
}

func (s *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	s.office.mu.Lock()
	defer s.office.mu.Unlock()
	s.office.mail, s.office.to = append(s.office.mail, string(text)), append(s.office.to, s.to)
	return err
}

func (*session) Reset()        {}
func (*session) Logout() error { return nil }

// open starts the server, with STARTTLS or with TLS from the first byte, and answers its address and authority.
func (o *postOffice) open(t *testing.T, implicit bool) (string, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(leaf)
	server := smtp.NewServer(o)
	server.TLSConfig = &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}
	server.ErrorLog = discard{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener := l
	if implicit {
		listener = tls.NewListener(l, server.TLSConfig)
	}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return l.Addr().String(), pool
}

type discard struct{}

func (discard) Printf(string, ...any) {}
func (discard) Println(...any)        {}

func TestSMTP(t *testing.T) {
	for scheme, implicit := range map[string]bool{"smtp": false, "smtps": true} {
		o := &postOffice{}
		addr, ca := o.open(t, implicit)
		s, err := NewSMTP(scheme+"://carefusion:right@"+addr, "notice@carefusion.test", ca)
		if err != nil {
			t.Fatal(err)
		}
		r := Reminder{ID: "5f0c", Address: "ann@example.org", Text: Text(time.Date(2026, 3, 4, 15, 0, 0, 0, time.UTC))}
		if err := s.Send(t.Context(), r); err != nil {
			t.Fatalf("%s: %v", scheme, err)
		}
		if len(o.mail) != 1 || o.to[0] != r.Address {
			t.Fatalf("%s: %d mails to %v", scheme, len(o.mail), o.to)
		}
		for _, want := range []string{"From: <notice@carefusion.test>", "Message-ID: <5f0c@127.0.0.1>", "Subject: Your appointment with CareFusion", "4 March 2026"} {
			if !strings.Contains(o.mail[0], want) {
				t.Errorf("%s: the mail lacks %q:\n%s", scheme, want, o.mail[0])
			}
		}
		o.broken = true
		err = s.Send(t.Context(), r)
		if err == nil || strings.Contains(err.Error(), "ann") || !strings.Contains(err.Error(), "550") {
			t.Errorf("%s: a refusal: %v", scheme, err)
		}
	}
}

func TestSMTPInsistsOnTLSAndOnWhoItIs(t *testing.T) {
	o := &postOffice{}
	addr, ca := o.open(t, false)
	plain := smtp.NewServer(o)
	plain.AllowInsecureAuth = true
	plain.ErrorLog = discard{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = plain.Serve(l) }()
	t.Cleanup(func() { _ = plain.Close() })
	for what, c := range map[string]struct {
		address string
		ca      *x509.CertPool
	}{
		"no TLS": {"smtp://carefusion:right@" + l.Addr().String(), ca}, "an unknown authority": {"smtp://carefusion:right@" + addr, x509.NewCertPool()},
		"a wrong password": {"smtp://carefusion:wrong@" + addr, ca},
	} {
		s, err := NewSMTP(c.address, "notice@carefusion.test", c.ca)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Send(t.Context(), Reminder{ID: "1", Address: "ann@example.org", Text: "x"}); err == nil || strings.Contains(err.Error(), "wrong@") || strings.Contains(err.Error(), "ann") {
			t.Errorf("%s: %v", what, err)
		}
	}
	if len(o.mail) != 0 {
		t.Errorf("%d mails came through", len(o.mail))
	}
	for _, bad := range []string{"https://mail.test", "smtp://", "mail.test:25"} {
		if _, err := NewSMTP(bad, "notice@carefusion.test", nil); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	if _, err := NewSMTP("smtp://mail.test", "nobody", nil); err == nil {
		t.Error("a sender that is no address is taken")
	}
}
