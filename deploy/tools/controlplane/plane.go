package controlplane

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// Parts says what runs beside etcd and the apiserver.
type Parts struct {
	// Controllers is the controller manager: without it a Deployment makes no pods and nobody checks the types of an admission policy.
	Controllers bool
	// Nodes is the scheduler with three nodes in three zones on which pods are ready without running; it wants the controllers too.
	Nodes bool
}

// Plane is a control plane that runs.
type Plane struct {
	folder    string
	binaries  string
	authority *authority
	processes []*process
	stop      context.CancelFunc
	url       string
	// kubeconfigFile is the access of an administrator.
	kubeconfigFile string
}

// Lifespan is how long a control plane lives at most, whoever forgets it.
const Lifespan = 30 * time.Minute

// Start runs the binaries of a folder. Whatever was started is stopped again when it fails.
func Start(ctx context.Context, binaries string, parts Parts) (*Plane, error) {
	folder, err := os.MkdirTemp("", "controlplane-")
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithTimeout(ctx, Lifespan)
	p := &Plane{folder: folder, binaries: binaries, stop: stop}
	if err := p.start(ctx, parts); err != nil {
		return nil, errors.Join(err, p.Stop())
	}
	return p, nil
}

func (p *Plane) start(ctx context.Context, parts Parts) (err error) {
	if p.authority, err = newAuthority(p.folder); err != nil {
		return err
	}
	ports, err := freePorts(3)
	if err != nil {
		return err
	}
	if err := p.startStore(ctx, ports[0], ports[1]); err != nil {
		return err
	}
	if err := p.startServer(ctx, ports[0], ports[2]); err != nil {
		return err
	}
	if parts.Controllers || parts.Nodes {
		if err := p.startControllers(ctx); err != nil {
			return err
		}
	}
	if parts.Nodes {
		return p.startNodes(ctx)
	}
	return nil
}

// Stop ends every process, the last first, and removes what they kept.
func (p *Plane) Stop() error {
	p.stop()
	for _, process := range slices.Backward(p.processes) {
		process.stop()
	}
	return os.RemoveAll(p.folder)
}

// Kubeconfig is the file with the access of an administrator.
func (p *Plane) Kubeconfig() string { return p.kubeconfigFile }

// Config is the same access for a client of this process. The client's own limits are off: the tests ask much at once.
func (p *Plane) Config() (*rest.Config, error) {
	config, err := clientcmd.BuildConfigFromFlags("", p.kubeconfigFile)
	if err != nil {
		return nil, err
	}
	config.QPS = -1
	return config, nil
}

// run starts one of the binaries and remembers it.
func (p *Plane) run(ctx context.Context, binary string, args ...string) (*process, error) {
	process, err := launch(ctx, p.folder, filepath.Join(p.binaries, binary), args...)
	if err != nil {
		return nil, err
	}
	p.processes = append(p.processes, process)
	return process, nil
}

// startStore runs etcd. Only the apiserver has a certificate that it takes, so that nobody else on this machine reads it.
func (p *Plane) startStore(ctx context.Context, client, peer int) error {
	cert, err := p.authority.issue("etcd", "etcd")
	if err != nil {
		return err
	}
	at, between := address(client), address(peer)
	process, err := p.run(ctx, "etcd", "--name=only", "--data-dir="+filepath.Join(p.folder, "etcd"), "--unsafe-no-fsync", "--log-level=warn",
		"--listen-client-urls="+at, "--advertise-client-urls="+at,
		"--cert-file="+cert.cert, "--key-file="+cert.key, "--trusted-ca-file="+p.authority.bundle(), "--client-cert-auth",
		"--listen-peer-urls="+between, "--initial-advertise-peer-urls="+between, "--initial-cluster=only="+between,
		"--peer-cert-file="+cert.cert, "--peer-key-file="+cert.key, "--peer-trusted-ca-file="+p.authority.bundle(), "--peer-client-cert-auth")
	if err != nil {
		return err
	}
	config := &rest.Config{TLSClientConfig: rest.TLSClientConfig{CAFile: p.authority.bundle(), CertFile: cert.cert, KeyFile: cert.key}}
	transport, err := rest.HTTPClientFor(config)
	if err != nil {
		return err
	}
	return until(ctx, process, "etcd to be healthy", func(ctx context.Context) error { return healthy(ctx, transport, at+"/health") })
}

// startServer runs the apiserver with RBAC and without anonymous access, as an operator's would.
func (p *Plane) startServer(ctx context.Context, store, port int) error {
	cert, err := p.authority.issue("apiserver", "kube-apiserver")
	if err != nil {
		return err
	}
	if _, err := newKey(p.accountKey()); err != nil {
		return err
	}
	p.url = address(port)
	if p.kubeconfigFile, err = p.kubeconfig("admin", "admin", "system:masters"); err != nil {
		return err
	}
	process, err := p.run(ctx, "kube-apiserver", "--bind-address=127.0.0.1", "--secure-port="+strconv.Itoa(port),
		"--tls-cert-file="+cert.cert, "--tls-private-key-file="+cert.key, "--client-ca-file="+p.authority.bundle(),
		"--requestheader-client-ca-file="+p.authority.bundle(), "--requestheader-allowed-names=none",
		"--etcd-servers="+address(store), "--etcd-cafile="+p.authority.bundle(), "--etcd-certfile="+cert.cert, "--etcd-keyfile="+cert.key,
		"--service-account-issuer=https://kubernetes.default.svc", "--service-account-signing-key-file="+p.accountKey(),
		"--service-account-key-file="+p.accountKey(), "--service-cluster-ip-range=10.96.0.0/16",
		// Endpoints may not be on loopback, so nobody may try to write them.
		"--endpoint-reconciler-type=none", "--authorization-mode=Node,RBAC", "--anonymous-auth=false",
		"--enable-admission-plugins=NodeRestriction,PodSecurity,ValidatingAdmissionPolicy,ResourceQuota,LimitRanger,ServiceAccount",
		// Otherwise the apiserver refuses privileged pods itself, and Pod Security would never be asked.
		"--allow-privileged=true")
	if err != nil {
		return err
	}
	config, err := p.Config()
	if err != nil {
		return err
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return err
	}
	return until(ctx, process, "the apiserver to be ready", func(ctx context.Context) error { return healthy(ctx, client, p.url+"/readyz") })
}

func (p *Plane) accountKey() string { return filepath.Join(p.folder, "accounts.key") }

func healthy(ctx context.Context, client *http.Client, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, response.Status)
	}
	return nil
}

func address(port int) string { return "https://127.0.0.1:" + strconv.Itoa(port) }

// freePorts holds all ports until the last is found, so that no two are the same.
func freePorts(n int) ([]int, error) {
	var out []int
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer func() { _ = l.Close() }()
		out = append(out, l.Addr().(*net.TCPAddr).Port)
	}
	return out, nil
}
