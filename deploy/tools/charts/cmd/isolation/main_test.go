package main

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const world = `
outside: [{name: dns, namespace: kube-system, labels: {k8s-app: kube-dns}, port: 53, everybody: true}]
apart: [carefusion]
`

const closed = `
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny}
spec:
  podSelector: {}
  policyTypes: [Ingress, Egress]
  egress:
    - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}]
      ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
---
apiVersion: v1
kind: Pod
metadata: {name: carefusion}
spec:
  serviceAccountName: carefusion
  automountServiceAccountToken: false
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
`

func file(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestTheCommandSaysWhatItFound(t *testing.T) {
	rails := "../../../../../charts/guardrails.yaml"
	w, good := file(t, "world.yaml", world), file(t, "good.yaml", closed)
	open := file(t, "open.yaml", strings.Replace(closed, "  egress:\n", "  ingress: [{}]\n  egress:\n", 1))
	edges := file(t, "edges.txt", "telehealth/carefusion -> dns 53/TCP\ntelehealth/carefusion -> dns 53/UDP\n")
	for name, c := range map[string]struct {
		args  []string
		found bool
		says  string
	}{
		"as it must be":          {[]string{"-edges", edges, "carefusion=" + good}, false, "0 findings"},
		"everybody may come in":  {[]string{"carefusion=" + open}, true, "default deny: internet -> telehealth/carefusion"},
		"a connection is gone":   {[]string{"-edges", file(t, "more.txt", "a -> b 1/TCP\n"), "carefusion=" + good}, true, "it is in the list and refused"},
		"no such delivery":       {[]string{"other=" + good}, false, "is not DELIVERY=MANIFESTS"},
		"nothing in the file":    {[]string{"carefusion=" + file(t, "empty.yaml", "---\n")}, false, "nothing would be proved"},
		"not manifests":          {[]string{"carefusion=" + file(t, "bad.yaml", "a: b\n")}, false, "no kind"},
		"nothing to look at":     {nil, false, "usage: isolation"},
		"the fleet's pods there": {[]string{"fusionems=" + good, "carefusion=" + good}, true, "nothing shared: fusionems and carefusion: service account carefusion"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, complaints bytes.Buffer
			err := run(append([]string{"-world", w, "-guardrails", rails}, c.args...), &out, &complaints)
			if errors.Is(err, errFound) != c.found || (err == nil) != strings.Contains(c.says, "0 findings") {
				t.Fatalf("%v\n%s", err, complaints.String())
			}
			if err != nil {
				complaints.WriteString(err.Error())
			}
			if !strings.Contains(complaints.String(), c.says) {
				t.Errorf("it does not say %q: %s", c.says, complaints.String())
			}
		})
	}
	if err := run([]string{"-h"}, &bytes.Buffer{}, &bytes.Buffer{}); !errors.Is(err, flag.ErrHelp) {
		t.Error(err)
	}
}
