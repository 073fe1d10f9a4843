package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/fusionems/quantum/deploy/local"
)

// readyLine begins the last line of the report.
const readyLine = "FusionEMS Quantum is ready:"

// report is what a newcomer sees when everything runs.
func report(w io.Writer, f *local.Fleet, took time.Duration) {
	env := f.Env()
	if s := f.Summary(); s != nil {
		fmt.Fprintln(w, "\nWhat came of the demo charts:")
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "  AGENCY\tID\tCHARTS\tQA CASES\tCLAIMS\tNO BILL\tIN REPORTS")
		for _, a := range s.Agencies {
			fmt.Fprintf(t, "  %s\t%d\t%d\t%d\t%d\t%d\t%d\n", a.Name, a.ID, a.Charts, a.Cases, a.Claims, a.NoBill, a.InFacts)
		}
		t.Flush()
	}
	printLogins(w, env)
	if env["DEMO_PASSWORD"] != "" {
		fmt.Fprintln(w, "\n`make logins` lists them again, with the password of the people. A browser shows their second factor.")
	}
	fmt.Fprintln(w, "\nAddresses (the authority to trust is "+env["CA_FILE"]+"):")
	printAddresses(w, f.Addresses())
	fmt.Fprintf(w, "\nStarted in %.1f s. Stop it with Ctrl-C or `make down`; its data stays in %s.\n", took.Seconds(), f.Dir())
	fmt.Fprintf(w, "\n%s %s\n", readyLine, env["GATEWAY_URL"])
}

// printLogins lists the demo people and machines, and how to log in as one.
func printLogins(w io.Writer, env map[string]string) {
	var users []struct {
		Name   string   `json:"name"`
		Roles  []string `json:"roles"`
		Agency *int64   `json:"agency"`
	}
	var clients []struct {
		ID     string `json:"id"`
		Agency int64  `json:"agency"`
	}
	if json.Unmarshal([]byte(env["DEMO_USERS"]), &users) != nil || json.Unmarshal([]byte(env["DEMO_CLIENTS"]), &clients) != nil {
		return
	}
	fmt.Fprintln(w, "\nDemo logins:")
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "  NAME\tROLES\tAGENCY")
	for _, u := range users {
		agency := "all"
		if u.Agency != nil {
			agency = fmt.Sprint(*u.Agency)
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\n", u.Name, strings.Join(u.Roles, ", "), agency)
	}
	for _, c := range clients {
		fmt.Fprintf(t, "  %s\tintegration (machine)\t%d\n", c.ID, c.Agency)
	}
	t.Flush()
	fmt.Fprint(w, `
Sign in as one of them with a browser at `+env["GATEWAY_URL"]+`, or ask over the API who that is:
  TOKEN=$(make token U=founder)     # or by hand, with the code of: make totp U=founder
  curl --cacert `+env["CA_FILE"]+` -H "Authorization: Bearer $TOKEN" `+env["GATEWAY_URL"]+`/api/me
`)
}

// printAccounts lists the demo logins with the password. It is asked for; the report of a start, which ends up in a log, has none.
func printAccounts(w io.Writer, dir string) error {
	env, err := local.ReadEnv(dir)
	if err != nil {
		return fmt.Errorf("no fleet has been started here yet: %w", err)
	}
	if env["DEMO_PASSWORD"] == "" {
		return errors.New("this fleet has no demo logins")
	}
	printLogins(w, env)
	fmt.Fprintf(w, "\nPassword of all people: %s\n", env["DEMO_PASSWORD"])
	return nil
}

func printAddresses(w io.Writer, addresses []local.Address) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, a := range addresses {
		fmt.Fprintf(t, "  %s\t%s\n", a.Name, a.URL)
	}
	t.Flush()
}

// printRunning says where the fleet of a directory runs and answers whether it does.
func printRunning(w io.Writer, dir string) bool {
	pid := local.RunningPID(dir)
	if pid == 0 {
		return false
	}
	state, err := local.ReadState(dir)
	if err != nil || state.PID != pid || !state.Ready {
		fmt.Fprintf(w, "The fleet is already running (process %d) and not ready yet.\n", pid)
		return true
	}
	fmt.Fprintf(w, "The fleet is already running (process %d):\n", pid)
	printAddresses(w, state.Addresses)
	return true
}
