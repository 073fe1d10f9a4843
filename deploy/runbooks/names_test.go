package runbooks

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	serviceFacts  = regexp.MustCompile(`(?m)^([a-z]+):\n  delivery: ([a-z]+)\n(?:  [a-z]+: .*\n)*?  uses: \[([^\]]*)\]\n  secrets: \[([^\]]*)\]`)
	namespaceFlag = regexp.MustCompile(`(?:-n|--namespace)[ =]([^\s;]+)`)
	workload      = regexp.MustCompile(`\b(?:deploy|deployment)/([a-z-]+)`)
	ofCertificate = regexp.MustCompile(`\bcertificate[ /]([a-z-]+)`)
	installs      = regexp.MustCompile(`helm (?:-n (\S+) )?(?:install|upgrade) ([a-z-]+) charts/([a-z-]+)(?: -n (\S+))?`)
	vaultPath     = regexp.MustCompile(`\b([a-z]+-vault)/(?:data/)?prod/([a-z-]+)/([a-z-]+)`)
	accountRow    = regexp.MustCompile("(?m)^\\| ([a-z, ]+) \\| ([a-z`<>][^|]*) \\|$")
)

// world is what the charts deliver, by namespace: what an operator's commands may name.
type world struct {
	charts   map[string]string            // release to namespace; none for a chart of the cluster
	services map[string][]string          // namespace to deployments
	secrets  map[string]map[string]string // mount to account to its secrets, with commas
}

func list(text string) []string {
	out := strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
	slices.Sort(out)
	return out
}

func deliveredWorld(t *testing.T) world {
	t.Helper()
	raw, err := os.ReadFile("../../charts/fusionems-lib/templates/_topology.tpl")
	if err != nil {
		t.Fatal(err)
	}
	w := world{
		charts:   map[string]string{"fusionems": "fusionems", "fusionems-billing": "billing", "carefusion": "telehealth", "fusionems-cluster": "", "carefusion-cluster": ""},
		services: map[string][]string{"telehealth": {"carefusion"}},
		secrets:  map[string]map[string]string{"telehealth-vault": {}},
	}
	migrated := map[string][]string{}
	for _, m := range serviceFacts.FindAllStringSubmatch(string(raw), -1) {
		mount := m[2] + "-vault"
		w.services[m[2]] = append(w.services[m[2]], m[1])
		if w.secrets[mount] == nil {
			w.secrets[mount] = map[string]string{}
		}
		w.secrets[mount][m[1]] = strings.Join(list(m[4]), ",")
		if slices.Contains(list(m[3]), "postgres") {
			migrated[mount] = append(migrated[mount], m[1]+"-migrator-database-url")
		}
	}
	for mount, names := range migrated {
		w.secrets[mount]["migrate"] = strings.Join(names, ",")
	}
	var own []string
	for _, m := range listed.FindAllStringSubmatch(mustRead(t, "../../charts/carefusion/templates/_environment.tpl"), -1) {
		own = append(own, m[1])
	}
	w.secrets["telehealth-vault"]["carefusion"] = strings.Join(own, ",")
	if len(w.services["fusionems"]) != 7 || len(w.services["billing"]) != 1 || len(own) < 5 {
		t.Fatalf("the charts were not understood: %v", w)
	}
	return w
}

func mustRead(t *testing.T, file string) string {
	t.Helper()
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// mistakes of one line of a block: a namespace, a release, a deployment, a certificate or a secret that nobody delivers.
func (w world) mistakes(line string) []string {
	var out []string
	wrong := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	spaces := slices.Sorted(maps.Keys(w.services))
	for part := range strings.SplitSeq(line, "&&") {
		space := ""
		if m := namespaceFlag.FindStringSubmatch(part); m != nil && !strings.HasPrefix(m[1], `"$`) {
			if space = m[1]; !slices.Contains(spaces, space) {
				wrong("the namespace %s is none of %v", space, spaces)
				continue
			}
		}
		if m := installs.FindStringSubmatch(part); m != nil {
			if own, ok := w.charts[m[3]]; !ok || m[2] != m[3] || space != own {
				wrong("the chart %s is installed as %s in %q", m[3], m[2], space)
			}
		}
		if space == "" {
			continue
		}
		for _, m := range workload.FindAllStringSubmatch(part, -1) {
			if !slices.Contains(w.services[space], m[1]) {
				wrong("%s has no deployment %s", space, m[1])
			}
		}
		for _, m := range ofCertificate.FindAllStringSubmatch(part, -1) {
			if authority := strings.HasPrefix(m[1], space+"-ca"); !authority && !slices.Contains(w.services[space], m[1]) {
				wrong("%s has no certificate %s", space, m[1])
			}
		}
	}
	for _, m := range vaultPath.FindAllStringSubmatch(line, -1) {
		secrets, ok := w.secrets[m[1]][m[2]]
		if !ok || !slices.Contains(strings.Split(secrets, ","), m[3]) {
			wrong("%s/prod/%s has no secret %s", m[1], m[2], m[3])
		}
	}
	return out
}

// Nobody executes an operator's commands here, so at least what they name must exist.
func TestOperatorsCommandsNameWhatIsDelivered(t *testing.T) {
	w := deliveredWorld(t)
	lines := 0
	for _, file := range books(t) {
		for _, b := range blocksOf(t, file) {
			if b.mark != operatorMark {
				continue
			}
			for line := range strings.SplitSeq(b.script, "\n") {
				lines++
				for _, mistake := range w.mistakes(line) {
					t.Errorf("%s:%d: %s: %s", b.file, b.line, mistake, strings.TrimSpace(line))
				}
				for file := range strings.FieldsSeq(line) {
					if strings.HasPrefix(file, "charts/") || strings.HasPrefix(file, "deploy/") && strings.Contains(file, ".") {
						if _, err := os.Stat(filepath.Join("../..", file)); err != nil {
							t.Errorf("%s:%d: %v", b.file, b.line, err)
						}
					}
				}
			}
		}
	}
	if lines < 60 {
		t.Errorf("only %d lines", lines)
	}
}

func TestMistakesInCommandsAreFound(t *testing.T) {
	w := deliveredWorld(t)
	for line, says := range map[string]string{
		"kubectl -n fusionems-billing scale deployment --all --replicas=0":         "namespace",
		"helm -n fusionems upgrade fusionems-billing charts/fusionems-billing":     "fusionems-billing",
		"helm install fusion charts/fusionems -n fusionems":                        "fusion",
		"kubectl -n billing rollout restart deployment/qa":                         "deployment qa",
		"kubectl -n fusionems wait certificate/billing --for=condition=Ready":      "certificate billing",
		"vault kv put fusionems-vault/prod/qa/kek value=x":                         "secret kek",
		"vault kv put billing-vault/prod/qa/page-token-key value=x && kubectl get": "page-token-key",
	} {
		if got := w.mistakes(line); len(got) == 0 || !strings.Contains(strings.Join(got, "; "), says) {
			t.Errorf("%s: %v", line, got)
		}
	}
	if got := w.mistakes("vault kv put fusionems-vault/prod/clinical/kek value=x && kubectl -n fusionems rollout restart deployment/clinical"); len(got) > 0 {
		t.Error(got)
	}
}

// A newcomer writes to the vault what install.md lists, so the list is that of the charts.
func TestInstallListsEverySecretOfEveryAccount(t *testing.T) {
	w := deliveredWorld(t)
	page := mustRead(t, "install.md")
	got := map[string]string{}
	for _, m := range accountRow.FindAllStringSubmatch(page, -1) {
		for _, account := range list(m[1]) {
			got[account] = strings.Join(list(m[2]), ",")
		}
	}
	for _, mount := range []string{"fusionems-vault", "billing-vault"} {
		for account, want := range w.secrets[mount] {
			if account != "migrate" && got[account] != want {
				t.Errorf("install.md gives %s %q, the chart asks for %q", account, got[account], want)
			}
		}
		ns := strings.TrimSuffix(mount, "-vault")
		loop := regexp.MustCompile(`"` + ns + ` ([a-z ]+)"`).FindStringSubmatch(page)
		if loop == nil || !slices.Equal(list(loop[1]), slices.Sorted(maps.Keys(w.secrets[mount]))) {
			t.Errorf("install.md lets %v of %s sign in to the vault, the chart has %v", loop, ns, slices.Sorted(maps.Keys(w.secrets[mount])))
		}
	}
	if !strings.Contains(got["migrate"], "-migrator-database-url") {
		t.Errorf("install.md says nothing of migrate: %v", got)
	}
}
