// Command realm compares a Keycloak's realm with its file, or brings it in line; -help says more.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/fusionems/quantum/deploy/keycloak"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "realm:", err)
		os.Exit(1)
	}
}

type settings struct {
	url, name, file, caFile string
	clientID, secretFile    string
	values                  map[string]string
	flags                   *flag.FlagSet
	apply                   bool
}

func parse(args []string) (settings, error) {
	s := settings{values: map[string]string{}, flags: flag.NewFlagSet("realm", flag.ContinueOnError)}
	f := s.flags
	f.Usage = func() {
		fmt.Fprintln(f.Output(), "usage: realm [flags] check | apply\n\ncheck lists what the realm does not hold of its file; apply puts it right. People and keys stay as they are.")
		f.PrintDefaults()
	}
	f.StringVar(&s.url, "url", "", "Keycloak's address, https://id.example.org")
	f.StringVar(&s.file, "file", "", "the realm's file")
	f.StringVar(&s.caFile, "ca", "", "authority of Keycloak's certificate, PEM; the system's without it")
	f.StringVar(&s.clientID, "client", "", "confidential client of the realm master with a service account that may administer the realm")
	f.StringVar(&s.secretFile, "secret-file", "", "file with the secret of that client")
	f.Func("set", "NAME=value that fills ${NAME} of the file; may be repeated", func(v string) error { return s.set(v, false) })
	f.Func("set-file", "NAME=path of a file whose line fills ${NAME}; may be repeated", func(v string) error { return s.set(v, true) })
	if err := f.Parse(args); err != nil {
		return s, err
	}
	if s.url == "" || s.file == "" || s.clientID == "" || s.secretFile == "" {
		return s, errors.New("-url, -file, -client and -secret-file are needed")
	}
	if !strings.HasPrefix(s.url, "https://") {
		return s, errors.New("-url: want an https address: a secret is sent there")
	}
	s.apply = f.Arg(0) == "apply"
	if f.NArg() != 1 || (!s.apply && f.Arg(0) != "check") {
		return s, errors.New("say check or apply")
	}
	return s, nil
}

func (s *settings) set(v string, isFile bool) error {
	name, value, ok := strings.Cut(v, "=")
	if !ok || name == "" {
		return errors.New("want NAME=…")
	}
	if isFile {
		line, err := secret(value)
		if err != nil {
			return err
		}
		value = line
	}
	s.values[name] = value
	return nil
}

func secret(path string) (string, error) {
	raw, err := os.ReadFile(path)
	return strings.TrimSpace(string(raw)), err
}

func run(ctx context.Context, args []string) error {
	s, err := parse(args)
	if err != nil {
		return err
	}
	want, err := keycloak.Read(s.file, s.values)
	if err != nil {
		return err
	}
	if s.name, err = want.Name(); err != nil {
		return err
	}
	password, err := secret(s.secretFile)
	if err != nil {
		return err
	}
	client, err := s.client()
	if err != nil {
		return err
	}
	admin := keycloak.ByClient(client, s.url, s.name, s.clientID, password)
	if s.apply {
		err = admin.Apply(ctx, want)
	} else {
		err = admin.Check(ctx, want)
	}
	if err == nil {
		fmt.Println("the realm", s.name, "is as its file says")
	}
	return err
}

func (s settings) client() (*http.Client, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if s.caFile != "" {
		pem, err := os.ReadFile(s.caFile)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, errors.New("-ca: no certificate in it")
		}
	}
	return &http.Client{Timeout: time.Minute, Transport: &http.Transport{TLSClientConfig: config}}, nil
}
