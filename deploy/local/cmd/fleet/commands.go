package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/fusionems/quantum/deploy/local"
	"github.com/fusionems/quantum/deploy/local/demo"
	"github.com/fusionems/quantum/deploy/local/issuer"
)

func run(args []string) error {
	dir := ".run"
	if len(args) >= 2 && args[0] == "-dir" {
		dir, args = args[1], args[2:]
	}
	if len(args) == 0 {
		return errUsage
	}
	argument := ""
	if len(args) == 2 {
		argument = args[1]
	} else if len(args) > 2 {
		return errUsage
	}
	switch args[0] {
	case "up":
		return up(dir, argument)
	case "running":
		if !printRunning(os.Stdout, dir) {
			return errQuiet
		}
		return nil
	case "down":
		return down(dir)
	case "reset":
		return errors.Join(down(dir), local.RemoveData(dir))
	case "status":
		return status(dir)
	case "logs":
		return logs(dir, argument)
	case "token":
		return token(dir, argument)
	case "totp":
		return totp(dir, argument)
	case "logins":
		return printAccounts(os.Stdout, dir)
	case "unlock":
		return unlock(dir, argument)
	case "enrol":
		return enrol(dir, argument)
	}
	return errUsage
}

const stopPatience = 90 * time.Second

func down(dir string) error {
	pid := local.RunningPID(dir)
	if pid == 0 {
		fmt.Println("The fleet is not running.")
		return nil
	}
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		return err
	}
	for deadline := time.Now().Add(stopPatience); local.RunningPID(dir) == pid; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			return fmt.Errorf("process %d has not stopped after %s", pid, stopPatience)
		}
	}
	fmt.Println("The fleet has stopped.")
	return nil
}

func status(dir string) error {
	if !printRunning(os.Stdout, dir) {
		fmt.Println("The fleet is not running.")
		return nil
	}
	state, err := local.ReadState(dir)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nPROCESS\tSTATE\tPID\tPORT\tRESTARTS\tUP\tLAST END")
	for _, p := range state.Processes {
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%s\t%s\n", p.Name, p.State, p.PID, state.Ports[p.Name], p.Restarts,
			time.Since(p.Since).Round(time.Second), p.LastExit)
	}
	return w.Flush()
}

func logs(dir, process string) error {
	pattern := filepath.Join(dir, "logs", "*.log")
	if process != "" {
		pattern = filepath.Join(dir, "logs", filepath.Base(process)+".log")
	}
	files, err := filepath.Glob(pattern)
	if err != nil || len(files) == 0 {
		return fmt.Errorf("no log matches %s", pattern)
	}
	tail, err := exec.LookPath("tail")
	if err != nil {
		return err
	}
	return syscall.Exec(tail, append([]string{"tail", "-n", "20", "-F"}, files...), os.Environ())
}

// logins are the demo logins as fleet.env holds them.
type logins struct {
	env   map[string]string
	users []struct {
		Name       string `json:"name"`
		TOTPSecret string `json:"totpSecret"`
	}
	clients []struct {
		ID     string `json:"id"`
		Secret string `json:"secret"`
	}
}

func readLogins(dir string) (*logins, error) {
	env, err := local.ReadEnv(dir)
	if err != nil {
		return nil, fmt.Errorf("no fleet has been started here yet: %w", err)
	}
	l := &logins{env: env}
	err = errors.Join(json.Unmarshal([]byte(env["DEMO_USERS"]), &l.users), json.Unmarshal([]byte(env["DEMO_CLIENTS"]), &l.clients))
	return l, err
}

// totpSecret is the secret of a user; an unknown one is answered with the names there are.
func (l *logins) totpSecret(name string) (string, error) {
	names := []string{}
	for _, u := range l.users {
		if u.Name == name && u.TOTPSecret == "" {
			return "", fmt.Errorf("%s has no authenticator yet; sign in with a browser to enrol one, or choose another", name)
		}
		if u.Name == name {
			return u.TOTPSecret, nil
		}
		names = append(names, u.Name)
	}
	slices.Sort(names)
	return "", fmt.Errorf("no demo user is named %q; there are %v", name, names)
}

func totp(dir, name string) error {
	l, err := readLogins(dir)
	if err != nil {
		return err
	}
	secret, err := l.totpSecret(name)
	if err != nil {
		return err
	}
	code, err := issuer.TOTPCode(secret, issuer.TOTPStep(time.Now()))
	if err != nil {
		return err
	}
	fmt.Println(code)
	return nil
}

// unlock ends the lockout of a user.
func unlock(dir, name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	locked, err := local.Unlock(ctx, dir, name)
	switch {
	case err != nil:
		return err
	case locked:
		fmt.Printf("%s can sign in again.\n", name)
	default:
		fmt.Printf("%s was not locked; failures so far are forgotten.\n", name)
	}
	return nil
}

// enrol takes the authenticator of a user away, so that the next sign-in sets up another one.
func enrol(dir, name string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	had, err := local.ForgetAuthenticator(ctx, dir, name)
	switch {
	case err != nil:
		return err
	case had:
		fmt.Printf("The next sign-in of %s sets up an authenticator; the sign-ins before have ended.\n", name)
	default:
		fmt.Printf("%s has set up no authenticator yet; the next sign-in does.\n", name)
	}
	return nil
}

func token(dir, name string) error {
	l, err := readLogins(dir)
	if err != nil {
		return err
	}
	edge, err := demo.NewEdge(l.env["GATEWAY_URL"], l.env["OIDC_ISSUER"], l.env["CA_FILE"])
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var t demo.Token
	if i := slices.IndexFunc(l.clients, func(c struct {
		ID     string `json:"id"`
		Secret string `json:"secret"`
	}) bool {
		return c.ID == name
	}); i >= 0 {
		t, err = edge.ClientToken(ctx, name, l.clients[i].Secret)
	} else {
		var secret string
		if secret, err = l.totpSecret(name); err != nil {
			return err
		}
		t, err = edge.PersonToken(ctx, name, l.env["DEMO_PASSWORD"], secret)
	}
	if err != nil {
		return err
	}
	fmt.Println(t.AccessToken)
	return nil
}
