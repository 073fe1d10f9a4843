package isolation

import (
	"fmt"
	"slices"
	"strings"
)

// Question is what is to be proved.
type Question struct {
	Deliveries []Delivery `json:"-"`
	Outside    []Outside  `json:"outside"`
	// Crossings are the connections that may leave a delivery, as "namespace/pod -> namespace/pod port/TCP".
	Crossings []string `json:"-"`
	// Apart are deliveries that no connection enters or leaves, and that meet the others nowhere outside either.
	Apart []string `json:"apart"`
	// Permitted says what two deliveries may both name, by "a+b".
	Permitted map[string][]string `json:"permitted"`
	// Needs are connections that must work, beside those that the pods' own settings name, as edges.
	Needs []string `json:"needs"`
	// OpenToUsers is the one Service that may have a load balancer.
	OpenToUsers string `json:"openToUsers"`
}

// Proof is the answer: every allowed connection, and what is wrong.
type Proof struct {
	Edges     []string
	Findings  []Finding
	Questions int
}

// internet is an address that belongs to nobody's list (RFC 5737).
const internet = "192.0.2.77"

// Prove answers a question.
func Prove(q Question) (Proof, error) {
	var proof Proof
	for i, d := range q.Deliveries {
		found, err := d.shape(q.OpenToUsers)
		if err != nil {
			return proof, fmt.Errorf("%s: %w", d.Name, err)
		}
		proof.Findings = append(proof.Findings, found...)
		for _, other := range q.Deliveries[i+1:] {
			both, err := shared(d, other, q.Permitted[d.Name+"+"+other.Name])
			if err != nil {
				return proof, err
			}
			proof.Findings = append(proof.Findings, both...)
		}
	}
	w, err := newWorld(q.Deliveries, append(slices.Clone(q.Outside), Outside{Name: "internet", IP: internet, Port: 443}))
	if err != nil {
		return proof, err
	}
	edges := w.edges()
	for _, e := range edges {
		proof.Edges = append(proof.Edges, e.String())
	}
	proof.Questions = w.questions
	proof.Findings = append(proof.Findings, judge(edges, q)...)
	proof.Findings = append(proof.Findings, q.meetings(edges)...)
	for _, need := range append(slices.Clone(q.Needs), w.needs()...) {
		if !slices.Contains(proof.Edges, need) {
			proof.Findings = append(proof.Findings, Finding{"needs", need, "this connection is needed and refused"})
		}
	}
	proof.Findings = append(proof.Findings, w.stores(edges)...)
	return proof, nil
}

// judge looks at each allowed connection for itself.
func judge(edges []Edge, q Question) []Finding {
	var out []Finding
	apart := map[string]bool{}
	for _, d := range q.Deliveries {
		apart[d.Namespace] = slices.Contains(q.Apart, d.Name)
	}
	for _, e := range edges {
		from, _, inFrom := strings.Cut(e.From, "/")
		to, _, inTo := strings.Cut(e.To, "/")
		switch {
		case e.Port == oddPort:
			out = append(out, Finding{"default deny", e.String(), "a port that nobody declares is open"})
		case e.From == "internet" || e.To == "internet":
			out = append(out, Finding{"default deny", e.String(), "the internet is reachable, or reaches in"})
		case inFrom && inTo && from != to && (apart[from] || apart[to]):
			out = append(out, Finding{"apart", e.String(), "no connection enters or leaves this delivery"})
		case inFrom && inTo && from != to && !slices.Contains(q.Crossings, e.String()):
			out = append(out, Finding{"crossing", e.String(), "it is not in the guardrails"})
		}
	}
	return out
}
