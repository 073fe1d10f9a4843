package app

import (
	"crypto/tls"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

// certificate reads the pair again when the file changed, so that a renewal needs no restart.
func certificate(certFile, keyFile string) func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	var mu sync.Mutex
	var held *tls.Certificate
	var at time.Time
	return func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
		mu.Lock()
		defer mu.Unlock()
		st, err := os.Stat(certFile)
		if err == nil && held != nil && st.ModTime().Equal(at) {
			return held, nil
		}
		pair, perr := tls.LoadX509KeyPair(certFile, keyFile)
		if err = errors.Join(err, perr); err != nil {
			if held != nil {
				// Half of a renewal: the old pair holds until both files are there.
				return held, nil
			}
			return nil, fmt.Errorf("app: certificate: %w", err)
		}
		held, at = &pair, st.ModTime()
		return held, nil
	}
}
