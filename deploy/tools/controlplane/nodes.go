package controlplane

import (
	"context"
	"fmt"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// zones are where the nodes stand, one in each.
var zones = []string{"a", "b", "c"}

// Stages is the file, beside the binaries, that says what kwok makes of nodes and pods.
const Stages = "kwok-stages.yaml"

// startControllers runs the controller manager, each controller with an account of its own as in an operator's cluster.
func (p *Plane) startControllers(ctx context.Context) error {
	config, err := p.kubeconfig("kube-controller-manager", "system:kube-controller-manager")
	if err != nil {
		return err
	}
	process, err := p.run(ctx, "kube-controller-manager", "--kubeconfig="+config, "--authentication-kubeconfig="+config, "--authorization-kubeconfig="+config,
		"--bind-address=127.0.0.1", "--secure-port=0", "--leader-elect=false", "--use-service-account-credentials",
		"--service-account-private-key-file="+p.accountKey(), "--root-ca-file="+p.authority.bundle())
	if err != nil {
		return err
	}
	client, err := p.client()
	if err != nil {
		return err
	}
	return until(ctx, process, "the controllers to make accounts", func(ctx context.Context) error {
		_, err := client.CoreV1().ServiceAccounts(metav1.NamespaceDefault).Get(ctx, "default", metav1.GetOptions{})
		return err
	})
}

// startNodes runs the scheduler and the simulator of nodes.
func (p *Plane) startNodes(ctx context.Context) error {
	config, err := p.kubeconfig("kube-scheduler", "system:kube-scheduler")
	if err != nil {
		return err
	}
	if _, err := p.run(ctx, "kube-scheduler", "--kubeconfig="+config, "--authentication-kubeconfig="+config, "--authorization-kubeconfig="+config,
		"--bind-address=127.0.0.1", "--secure-port=0", "--leader-elect=false"); err != nil {
		return err
	}
	if config, err = p.kubeconfig("kwok", "kwok", "system:masters"); err != nil {
		return err
	}
	simulator, err := p.run(ctx, "kwok", "--kubeconfig="+config, "--config="+filepath.Join(p.binaries, Stages), "--manage-all-nodes=true", "--server-address=",
		// Without leases nobody would hear of the nodes, and they would be given up after 40 seconds.
		"--node-lease-duration-seconds=40")
	if err != nil {
		return err
	}
	client, err := p.client()
	if err != nil {
		return err
	}
	for _, zone := range zones {
		if _, err := client.CoreV1().Nodes().Create(ctx, node(zone), metav1.CreateOptions{}); err != nil {
			return err
		}
	}
	return until(ctx, simulator, "the nodes to be ready", func(ctx context.Context) error { return nodesReady(ctx, client) })
}

func (p *Plane) client() (kubernetes.Interface, error) {
	config, err := p.Config()
	if err != nil {
		return nil, err
	}
	return kubernetes.NewForConfig(config)
}

func node(zone string) *corev1.Node {
	name := "node-" + zone
	// What the simulator gives a node by itself has no ephemeral storage, and pods that ask for some would wait for ever.
	has := corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("16"), corev1.ResourceMemory: resource.MustParse("64Gi"),
		corev1.ResourceEphemeralStorage: resource.MustParse("100Gi"), corev1.ResourcePods: resource.MustParse("110"),
	}
	return &corev1.Node{
		ObjectMeta: metav1.ObjectMeta{Name: name, Labels: map[string]string{
			corev1.LabelHostname: name, corev1.LabelTopologyZone: zone, corev1.LabelOSStable: "linux", corev1.LabelArchStable: "amd64",
		}},
		Status: corev1.NodeStatus{Capacity: has, Allocatable: has},
	}
}

func nodesReady(ctx context.Context, client kubernetes.Interface) error {
	nodes, err := client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	ready := 0
	for _, n := range nodes.Items {
		for _, c := range n.Status.Conditions {
			if c.Type == corev1.NodeReady && c.Status == corev1.ConditionTrue && len(n.Spec.Taints) == 0 {
				ready++
			}
		}
	}
	if ready != len(zones) {
		return fmt.Errorf("%d of %d nodes are ready", ready, len(zones))
	}
	return nil
}

// kubeconfig writes the access of one component.
func (p *Plane) kubeconfig(file, user string, groups ...string) (string, error) {
	cert, err := p.authority.issue(file, user, groups...)
	if err != nil {
		return "", err
	}
	config := clientcmdapi.NewConfig()
	config.Clusters["this"] = &clientcmdapi.Cluster{Server: p.url, CertificateAuthority: p.authority.bundle()}
	config.AuthInfos["me"] = &clientcmdapi.AuthInfo{ClientCertificate: cert.cert, ClientKey: cert.key}
	config.Contexts["this"] = &clientcmdapi.Context{Cluster: "this", AuthInfo: "me"}
	config.CurrentContext = "this"
	path := filepath.Join(p.folder, file+".kubeconfig")
	return path, clientcmd.WriteToFile(*config, path)
}
