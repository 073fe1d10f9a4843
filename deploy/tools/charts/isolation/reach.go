package isolation

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
)

// Outside is something beside the releases that pods connect to or are connected from: DNS, a database, Prometheus.
type Outside struct {
	Name      string            `json:"name"`
	Namespace string            `json:"namespace,omitempty"`
	Labels    map[string]string `json:"labels,omitempty"`
	// IP stands instead of namespace and labels for what is outside of the cluster.
	IP   string `json:"ip,omitempty"`
	Port int    `json:"port"`
	// Host is how pods are told of it: one whose settings hold it must reach it.
	Host string `json:"host,omitempty"`
	// Everybody must reach it, over UDP as well: DNS.
	Everybody bool `json:"everybody,omitempty"`
}

// Edge is a connection that the policies allow.
type Edge struct {
	From, To string
	Port     int
	Protocol corev1.Protocol
}

func (e Edge) String() string { return fmt.Sprintf("%s -> %s %d/%s", e.From, e.To, e.Port, e.Protocol) }

// oddPort is one that nobody declares: a policy that opens it opens everything.
const oddPort = 31337

var protocols = []corev1.Protocol{corev1.ProtocolTCP, corev1.ProtocolUDP, corev1.ProtocolSCTP}

// world answers who reaches whom.
type world struct {
	pods      []pod
	outside   []Outside
	policy    *matcher.Policy
	questions int
}

func newWorld(deliveries []Delivery, outside []Outside) (*world, error) {
	w := &world{outside: outside}
	var policies []*networkingv1.NetworkPolicy
	for _, d := range deliveries {
		pods, err := d.pods()
		if err != nil {
			return nil, err
		}
		w.pods = append(w.pods, pods...)
		own, err := d.policies()
		if err != nil {
			return nil, err
		}
		policies = append(policies, own...)
	}
	// Not simplified: the policies are judged as they stand.
	w.policy = matcher.BuildNetworkPolicies(false, policies)
	return w, nil
}

func (p pod) peer() *matcher.TrafficPeer { return inside(p.namespace, p.labels) }

func (o Outside) peer() *matcher.TrafficPeer {
	if o.IP != "" {
		return &matcher.TrafficPeer{IP: o.IP}
	}
	return inside(o.Namespace, o.Labels)
}

// inside is a pod; its address is one that no policy of ours names, so that only selectors let it through.
func inside(namespace string, labels map[string]string) *matcher.TrafficPeer {
	return &matcher.TrafficPeer{
		IP:       "100.64.0.1",
		Internal: &matcher.InternalPeer{Namespace: namespace, NamespaceLabels: map[string]string{"kubernetes.io/metadata.name": namespace}, PodLabels: labels},
	}
}

func (w *world) allowed(from, to *matcher.TrafficPeer, port int, name string, protocol corev1.Protocol) bool {
	w.questions++
	return w.policy.IsTrafficAllowed(&matcher.Traffic{Source: from, Destination: to, ResolvedPort: port, ResolvedPortName: name, Protocol: protocol}).IsAllowed()
}

// ports of a pod that are asked about: what it declares, a database's, and one that nobody uses.
func (p pod) ports() map[int]string {
	out := map[int]string{5432: "", oddPort: ""}
	for _, c := range p.containers() {
		for _, port := range c.Ports {
			out[int(port.ContainerPort)] = port.Name
		}
	}
	return out
}

// edges asks every pod about every pod, port and protocol, and about what is outside in both directions.
func (w *world) edges() []Edge {
	var out []Edge
	add := func(from string, fromPeer *matcher.TrafficPeer, to string, toPeer *matcher.TrafficPeer, ports map[int]string) {
		for port, name := range ports {
			for _, protocol := range protocols {
				if w.allowed(fromPeer, toPeer, port, name, protocol) {
					out = append(out, Edge{from, to, port, protocol})
				}
			}
		}
	}
	for _, a := range w.pods {
		for _, b := range w.pods {
			if a.id() != b.id() {
				add(a.id(), a.peer(), b.id(), b.peer(), b.ports())
			}
		}
		for _, o := range w.outside {
			add(a.id(), a.peer(), o.Name, o.peer(), map[int]string{o.Port: "", oddPort: ""})
			add(o.Name, o.peer(), a.id(), a.peer(), a.ports())
		}
	}
	slices.SortFunc(out, func(a, b Edge) int { return strings.Compare(a.String(), b.String()) })
	return out
}
