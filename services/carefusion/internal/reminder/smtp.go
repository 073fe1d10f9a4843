package reminder

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/wneessen/go-mail"
)

// SMTP sends by a mail server, over TLS only. SMTP has no promise of once: after a crash between sending and keeping that it was
// sent, the same Message-ID goes out again, by which receivers know a copy.
type SMTP struct {
	client *mail.Client
	from   string
	host   string
}

const sendTime = 20 * time.Second

// NewSMTP takes smtps://name:password@host:465 (TLS) or smtp://name:password@host:587 (STARTTLS, insisted on), and the address of
// CareFusion's own that reminders come from.
func NewSMTP(address, from string, ca *x509.CertPool) (*SMTP, error) {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		// The address holds a password: it is not repeated.
		return nil, errors.New("reminder: the mail server must be smtps://name:password@host:465 or smtp://name:password@host:587")
	}
	if err := mail.NewMsg().From(from); err != nil {
		return nil, errors.New("reminder: the sender is not a mail address")
	}
	opts := []mail.Option{mail.WithTimeout(sendTime), mail.WithHELO("carefusion"), mail.WithTLSConfig(&tls.Config{ServerName: u.Hostname(), RootCAs: ca, MinVersion: tls.VersionTLS12})}
	if u.Scheme == "smtps" {
		opts = append(opts, mail.WithSSL(), mail.WithPort(465))
	} else {
		opts = append(opts, mail.WithTLSPolicy(mail.TLSMandatory), mail.WithPort(587))
	}
	if p := u.Port(); p != "" {
		n, err := strconv.Atoi(p)
		if err != nil {
			return nil, errors.New("reminder: the mail server's port is not a number")
		}
		opts = append(opts, mail.WithPort(n))
	}
	if name := u.User.Username(); name != "" {
		password, _ := u.User.Password()
		opts = append(opts, mail.WithSMTPAuth(mail.SMTPAuthAutoDiscover), mail.WithUsername(name), mail.WithPassword(password))
	}
	client, err := mail.NewClient(u.Hostname(), opts...)
	if err != nil {
		return nil, errors.New("reminder: the mail server's settings are not valid")
	}
	return &SMTP{client: client, from: from, host: u.Hostname()}, nil
}

// Send hands one reminder to the server. Its errors name the step that failed and nothing of the message.
func (s *SMTP) Send(ctx context.Context, r Reminder) error {
	m := mail.NewMsg()
	if err := errors.Join(m.From(s.from), m.To(r.Address)); err != nil {
		return errors.New("reminder: the address is not valid")
	}
	m.Subject("Your appointment with CareFusion")
	m.SetMessageIDWithValue(r.ID + "@" + s.host)
	m.SetBodyString(mail.TypeTextPlain, r.Text)
	if err := s.client.DialAndSendWithContext(ctx, m); err != nil {
		var known *mail.SendError
		if errors.As(err, &known) {
			return fmt.Errorf("reminder: the mail server refused: %s, code %d", known.Reason, known.ErrorCode())
		}
		return errors.New("reminder: the mail server does not answer over TLS, or refuses the name and password")
	}
	return nil
}
