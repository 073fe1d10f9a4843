package isolation

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// inCluster is an address of a Service as a setting holds it.
var inCluster = regexp.MustCompile(`([a-z0-9-]+)\.([a-z0-9-]+)\.svc(?:\.cluster\.local)?:(\d+)`)

// needs are the connections that each pod's own settings speak of. They are read from what a pod is told, not from what its policy says, so
// that a policy which forgot something is noticed.
func (w *world) needs() []string {
	here := map[string]bool{}
	for _, p := range w.pods {
		here[p.namespace] = true
	}
	var out []string
	for _, p := range w.pods {
		told := p.told()
		for _, o := range w.outside {
			if o.Everybody {
				out = append(out, Edge{p.id(), o.Name, o.Port, corev1.ProtocolUDP}.String())
			}
			if o.Everybody || (o.Host != "" && strings.Contains(told, o.Host)) {
				out = append(out, Edge{p.id(), o.Name, o.Port, corev1.ProtocolTCP}.String())
			}
		}
		for _, m := range inCluster.FindAllStringSubmatch(told, -1) {
			if here[m[2]] {
				out = append(out, fmt.Sprintf("%s -> %s/%s %s/TCP", p.id(), m[2], m[1], m[3]))
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// told is everything that a pod is told: arguments, variables, and the address of its vault.
func (p pod) told() string {
	lines := []string{p.annotations["vault.hashicorp.com/service"]}
	for _, c := range p.containers() {
		lines = append(lines, c.Command...)
		lines = append(lines, c.Args...)
		for _, e := range c.Env {
			lines = append(lines, e.Value)
		}
	}
	return strings.Join(lines, "\n")
}

// stores are known to a pod by a secret only, so the manifests hold no address: it must reach one at the port of such a store.
var storePorts = map[string]int{"DATABASE_URL_FILE": 5432, "REDIS_URL_FILE": 6379}

func (w *world) stores(edges []Edge) []Finding {
	var out []Finding
	for _, p := range w.pods {
		for suffix, port := range storePorts {
			if !p.has(suffix) {
				continue
			}
			reached := slices.ContainsFunc(edges, func(e Edge) bool { return e.From == p.id() && e.Port == port && !strings.Contains(e.To, "/") })
			if !reached {
				out = append(out, Finding{"needs", p.id(), fmt.Sprintf("it has %s and reaches nothing at port %d", suffix, port)})
			}
		}
	}
	return out
}

func (p pod) has(suffix string) bool {
	for _, c := range p.containers() {
		if slices.ContainsFunc(c.Env, func(e corev1.EnvVar) bool { return strings.HasSuffix(e.Name, suffix) }) {
			return true
		}
	}
	return false
}

// meetings finds what a delivery that stands apart and another one both reach, or are both reached from: through it they could meet.
func (q Question) meetings(edges []Edge) []Finding {
	delivery := map[string]string{}
	for _, d := range q.Deliveries {
		delivery[d.Namespace] = d.Name
	}
	everybody := map[string]bool{}
	for _, o := range q.Outside {
		everybody[o.Name] = o.Everybody
	}
	met := map[string]map[string]bool{}
	for _, e := range edges {
		from, _, _ := strings.Cut(e.From, "/")
		to, _, _ := strings.Cut(e.To, "/")
		outside, inside := e.To, delivery[from]
		if inside == "" {
			outside, inside = e.From, delivery[to]
		}
		if delivery[from] != "" && delivery[to] != "" || inside == "" || everybody[outside] {
			continue
		}
		if met[outside] == nil {
			met[outside] = map[string]bool{}
		}
		met[outside][inside] = true
	}
	var out []Finding
	for outside, who := range met {
		for _, apart := range q.Apart {
			if who[apart] && len(who) > 1 {
				out = append(out, Finding{"meeting", outside, apart + " and another delivery both have a way to it"})
			}
		}
	}
	slices.SortFunc(out, func(a, b Finding) int { return strings.Compare(a.String(), b.String()) })
	return out
}
