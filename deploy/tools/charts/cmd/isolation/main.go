// Command isolation proves from rendered manifests that deliveries share nothing and reach only what they may.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/fusionems/quantum/deploy/tools/charts/isolation"
	"github.com/fusionems/quantum/deploy/tools/charts/manifest"
	"github.com/fusionems/quantum/deploy/tools/charts/schema"
)

const help = `usage: isolation -world FILE [-guardrails FILE] [-edges FILE] DELIVERY=MANIFESTS...

Proves from rendered manifests (helm template, or make charts-render) that nothing is shared by name, that every pod denies by default and reaches
what its own settings speak of, and that no connection crosses a delivery's boundary that the guardrails do not permit.

  DELIVERY    fusionems, billing or carefusion, as charts/guardrails.yaml calls it
  MANIFESTS   a file of YAML documents, hooks and tests included

Prints every allowed connection to standard output, what is wrong to standard error. Ends with 1 if anything is wrong, with 2 if it could not look.

`

// errFound says that the manifests are not as they must be.
var errFound = errors.New("isolation: not proved")

func main() {
	err := run(os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return
	case errors.Is(err, errFound):
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	default:
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func run(args []string, out, complaints io.Writer) error {
	flags := flag.NewFlagSet("isolation", flag.ContinueOnError)
	flags.SetOutput(complaints)
	flags.Usage = func() { fmt.Fprint(complaints, help); flags.PrintDefaults() }
	world := flags.String("world", "", "what stands beside the releases, what they may share and what must work (YAML)")
	guardrails := flags.String("guardrails", "charts/guardrails.yaml", "namespaces of the deliveries and the permitted crossings")
	edges := flags.String("edges", "", "list of the connections that are expected; any other, and any that is gone, is a finding")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *world == "" || flags.NArg() == 0 {
		flags.Usage()
		return errors.New("isolation: -world and at least one DELIVERY=MANIFESTS are needed")
	}
	q, err := question(*world, *guardrails, flags.Args())
	if err != nil {
		return err
	}
	proof, err := isolation.Prove(q)
	if err != nil {
		return err
	}
	if *edges != "" {
		expected, err := os.ReadFile(*edges)
		if err != nil {
			return err
		}
		proof.Findings = append(proof.Findings, isolation.Unexpected(string(expected), proof.Edges)...)
	}
	for _, e := range proof.Edges {
		fmt.Fprintln(out, e)
	}
	for _, f := range proof.Findings {
		fmt.Fprintln(complaints, f)
	}
	fmt.Fprintf(complaints, "%d deliveries, %d questions, %d allowed connections, %d findings\n", len(q.Deliveries), proof.Questions, len(proof.Edges), len(proof.Findings))
	if len(proof.Findings) > 0 {
		return errFound
	}
	return nil
}

func question(world, guardrails string, manifests []string) (isolation.Question, error) {
	q, err := isolation.ReadQuestion(world)
	if err != nil {
		return q, err
	}
	rails, err := schema.Read(guardrails)
	if err != nil {
		return q, err
	}
	for _, c := range rails.Crossings {
		q.Crossings = append(q.Crossings, c.Edges()...)
	}
	for _, arg := range manifests {
		name, file, ok := strings.Cut(arg, "=")
		own, known := rails.Separation[name]
		if !ok || !known {
			return q, fmt.Errorf("isolation: %q is not DELIVERY=MANIFESTS with a delivery of %s", arg, guardrails)
		}
		f, err := os.Open(file)
		if err != nil {
			return q, err
		}
		objects, err := manifest.Decode(f, own.Namespace)
		_ = f.Close()
		if err != nil {
			return q, fmt.Errorf("%s: %w", file, err)
		}
		if len(objects) == 0 {
			return q, fmt.Errorf("%s: no objects: nothing would be proved", file)
		}
		q.Deliveries = append(q.Deliveries, isolation.Delivery{Name: name, Namespace: own.Namespace, Objects: objects})
	}
	return q, nil
}
