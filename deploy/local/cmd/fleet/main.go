// Command fleet is the launcher behind `make up` and its sisters.
package main

import (
	"errors"
	"fmt"
	"os"
)

const usage = `usage: fleet [-dir DIRECTORY] COMMAND

  up [--detach]   start the fleet; stay in the foreground, or return when it is ready
  running         say whether it runs, and where; exit 1 if it does not
  down            stop it
  reset           stop it and delete its directory and data
  status          list its processes
  logs [PROCESS]  follow the logs
  token NAME      print an access token of a demo user or client
  totp NAME       print the current second-factor code of a demo user
  logins          list the demo users and machines, and the password of the users
  unlock NAME     let a user sign in again who failed too often
  enrol NAME      let a user who lost the authenticator set up another one
`

var (
	errUsage = errors.New("usage")
	// errQuiet ends with a failure that has been explained already.
	errQuiet = errors.New("failed")
)

func main() {
	err := run(os.Args[1:])
	switch {
	case err == nil:
	case errors.Is(err, errUsage):
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	case errors.Is(err, errQuiet):
		os.Exit(1)
	default:
		fmt.Fprintln(os.Stderr, "fleet:", err)
		os.Exit(1)
	}
}
