package bench

import (
	"fmt"
	"net/url"
)

// loginURL is a superuser's URL with another login.
func loginURL(superURL, user string) (string, error) {
	u, err := url.Parse(superURL)
	if err != nil {
		return "", fmt.Errorf("bench: the database URL does not parse")
	}
	u.User = url.UserPassword(user, password)
	return u.String(), nil
}
