package score

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// fine is the grade of a check that found nothing.
const fine = 10

// Finding is one thing that kube-score would have otherwise.
type Finding struct{ Object, Check, Summary, Path string }

func (f Finding) String() string {
	return fmt.Sprintf("%s: %s: %s %s", f.Object, f.Check, f.Summary, f.Path)
}

// Accepted is a decision to keep what kube-score finds.
type Accepted struct {
	Check   string `json:"check"`
	Summary string `json:"summary"`
	// Environments that it holds in; all without. Scaled holds only where something else decides the replicas.
	Environments []string `json:"environments,omitempty"`
	Scaled       bool     `json:"scaled,omitempty"`
	Reason       string   `json:"reason"`
}

// Fits says whether the decision is about the finding.
func (a Accepted) Fits(f Finding, environment string, scaled map[string]bool) bool {
	return a.Check == f.Check && a.Summary == f.Summary && (len(a.Environments) == 0 || slices.Contains(a.Environments, environment)) && (!a.Scaled || scaled[f.Object])
}

// Decisions reads a list of them.
func Decisions(path string) ([]Accepted, error) {
	var out []Accepted
	raw, err := os.ReadFile(path)
	if err == nil {
		err = yaml.UnmarshalStrict(raw, &out)
	}
	for i, a := range out {
		if a.Check == "" || a.Summary == "" || len(a.Reason) < 20 {
			return nil, fmt.Errorf("score: %s: line %d needs a check, a summary and a reason", path, i+1)
		}
	}
	return out, err
}

type scored struct {
	Object string `json:"object_name"`
	Checks []struct {
		Check struct {
			ID string `json:"id"`
		} `json:"check"`
		Grade    int  `json:"grade"`
		Skipped  bool `json:"skipped"`
		Comments []struct {
			Path    string `json:"path"`
			Summary string `json:"summary"`
		} `json:"comments"`
	} `json:"checks"`
}

// Run has a kube-score look at objects. It answers what it found, and how many checks it made.
func Run(ctx context.Context, kubeScore string, objects []*unstructured.Unstructured) ([]Finding, int, error) {
	var in, out, complaints bytes.Buffer
	for _, o := range objects {
		doc, err := yaml.Marshal(o.Object)
		if err != nil {
			return nil, 0, err
		}
		in.WriteString("---\n")
		in.Write(doc)
	}
	cmd := exec.CommandContext(ctx, kubeScore, "score", "--output-format", "json", "--kubernetes-version", "v1.33", "--disable-ignore-checks-annotations", "-")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = &in, &out, &complaints
	// It ends with 1 when it found something critical; what it printed tells that apart from a failure.
	failed := cmd.Run()
	var all []scored
	if err := json.Unmarshal(out.Bytes(), &all); err != nil {
		return nil, 0, fmt.Errorf("score: %s: %w %w %s", kubeScore, failed, err, complaints.String())
	}
	var found []Finding
	checks := 0
	for _, o := range all {
		for _, c := range o.Checks {
			if c.Skipped {
				continue
			}
			checks++
			if c.Grade >= fine {
				continue
			}
			for _, m := range c.Comments {
				found = append(found, Finding{o.Object, c.Check.ID, m.Summary, m.Path})
			}
		}
	}
	return found, checks, nil
}
