// Command redis-server speaks the Redis protocol from memory for a fleet on one machine: enough for rate limits, sessions and
// caches, all of which may be lost. Everything that may not be lost is in PostgreSQL.
package main

import (
	"context"
	"crypto/tls"
	"flag"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/alicebob/miniredis/v2"

	"github.com/fusionems/quantum/pkg/obs"
)

func main() {
	if err := run(); err != nil {
		obs.NewLogger(os.Stderr, "redis", slog.LevelInfo).Error("ended by an error", "error", err)
		os.Exit(1)
	}
}

func run() error {
	port := flag.Int("port", 6379, "loopback port")
	cert := flag.String("tls-cert", "", "certificate file")
	key := flag.String("tls-key", "", "key file")
	passwordFile := flag.String("password-file", "", "file with the password that clients give")
	flag.Parse()

	password, err := os.ReadFile(*passwordFile)
	if err != nil {
		return err
	}
	pair, err := tls.LoadX509KeyPair(*cert, *key)
	if err != nil {
		return err
	}
	m := miniredis.NewMiniRedis()
	m.RequireAuth(strings.TrimSpace(string(password)))
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(*port))
	if err := m.StartAddrTLS(address, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS13}); err != nil {
		return err
	}
	defer m.Close()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	// Its keys do not age by themselves.
	const tick = 100 * time.Millisecond
	for ticker, last := time.NewTicker(tick), time.Now(); ; {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticker.C:
			m.FastForward(now.Sub(last))
			last = now
		}
	}
}
