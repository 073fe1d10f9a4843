package limit

import (
	"sync"

	"github.com/redis/rueidis"
)

// Renew makes opt sign in, at each new connection, with the user and the password of the URL that renewed answers, so that a credential that
// was rotated is used without a restart. The last one that could be read is used while there is none.
func Renew(opt *rueidis.ClientOption, renewed func() (string, error)) {
	var mu sync.Mutex
	last := rueidis.AuthCredentials{Username: opt.Username, Password: opt.Password}
	opt.AuthCredentialsFn = func(rueidis.AuthCredentialsContext) (rueidis.AuthCredentials, error) {
		mu.Lock()
		defer mu.Unlock()
		if url, err := renewed(); err == nil {
			if now, err := rueidis.ParseURL(url); err == nil {
				last = rueidis.AuthCredentials{Username: now.Username, Password: now.Password}
			}
		}
		return last, nil
	}
}
