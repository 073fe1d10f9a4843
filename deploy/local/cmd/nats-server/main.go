// Command nats-server runs one NATS server with JetStream for a fleet on one machine. Only a peer with a certificate of the
// fleet's authority may connect.
package main

import (
	"context"
	"errors"
	"flag"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

func main() {
	if err := run(); err != nil {
		newLogger().Fatalf("ended by an error: %v", err)
		os.Exit(1)
	}
}

func run() error {
	port := flag.Int("port", 4222, "loopback port")
	store := flag.String("store", "", "directory of the streams")
	cert := flag.String("tls-cert", "", "certificate file")
	key := flag.String("tls-key", "", "key file")
	ca := flag.String("tls-ca", "", "file of the authority whose peers may connect")
	flag.Parse()

	tls, err := server.GenTLSConfig(&server.TLSConfigOpts{CertFile: *cert, KeyFile: *key, CaFile: *ca, Verify: true, Timeout: 2})
	if err != nil {
		return err
	}
	// A stream on one server writes a message to its file before it acknowledges it, so a killed server loses none; syncing
	// each to the disk as well would guard against a power cut only.
	ns, err := server.NewServer(&server.Options{
		ServerName: "local", Host: "127.0.0.1", Port: *port,
		JetStream: true, StoreDir: *store, JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 8 << 30,
		TLS: true, TLSVerify: true, TLSConfig: tls, TLSTimeout: 2,
		NoSigs: true, MaxPayload: 8 << 20,
	})
	if err != nil {
		return err
	}
	ns.SetLoggerV2(newLogger(), false, false, false)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	go ns.Start()
	if !ns.ReadyForConnections(10 * time.Second) {
		ns.Shutdown()
		return errors.New("does not accept connections")
	}
	<-ctx.Done()
	ns.Shutdown()
	ns.WaitForShutdown()
	return nil
}
