package limit

import (
	"crypto/tls"
	"fmt"
	"net"
	"time"

	"github.com/redis/rueidis"
)

const serverTimeout = 300 * time.Millisecond

// Options makes the client's options from a URL such as rediss://:password@host:6379/0. Requests that arrive together share
// a write to the server, and none is sent twice: counting is not idempotent.
func Options(url string, tlsConfig *tls.Config) (rueidis.ClientOption, error) {
	opt, err := rueidis.ParseURL(url)
	if err != nil {
		// The library's error repeats the URL, and the URL holds the password.
		return opt, fmt.Errorf("limit: the URL of the Redis server is not valid")
	}
	if opt.TLSConfig != nil && tlsConfig != nil {
		name := opt.TLSConfig.ServerName
		opt.TLSConfig = tlsConfig.Clone()
		opt.TLSConfig.ServerName = name
	}
	opt.AlwaysPipelining = true
	opt.DisableCache = true
	opt.DisableRetry = true
	opt.ConnWriteTimeout = serverTimeout
	opt.Dialer = net.Dialer{Timeout: serverTimeout, KeepAlive: time.Second}
	return opt, nil
}
