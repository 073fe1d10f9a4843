package delivery

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"helm.sh/helm/v4/pkg/action"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/kube"
	release "helm.sh/helm/v4/pkg/release/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"
)

// Helm installs charts as the command line of Helm does, with --wait and server-side apply.
type Helm struct {
	kubeconfig, cache string
	// Timeout is Helm's own; what must fail by it should not make a test wait for long.
	Timeout time.Duration
}

// NewHelm takes the access of a kubeconfig, and keeps what it learns of the server in a folder of its own.
func NewHelm(kubeconfig string) *Helm {
	return &Helm{kubeconfig: kubeconfig, cache: filepath.Join(filepath.Dir(kubeconfig), "helm"), Timeout: 3 * time.Minute}
}

// Within is the same Helm with another timeout.
func (h *Helm) Within(timeout time.Duration) *Helm {
	other := *h
	other.Timeout = timeout
	return &other
}

func (h *Helm) configuration(namespace string) (*action.Configuration, error) {
	flags := genericclioptions.NewConfigFlags(false)
	flags.KubeConfig, flags.CacheDir, flags.Namespace = &h.kubeconfig, &h.cache, &namespace
	c := action.NewConfiguration()
	return c, c.Init(flags, namespace, "secret")
}

// Install is helm install --wait.
func (h *Helm) Install(ctx context.Context, c Chart, values map[string]any) error {
	loaded, err := load(c.Folder)
	if err != nil {
		return err
	}
	config, err := h.configuration(c.releaseNamespace())
	if err != nil {
		return err
	}
	install := action.NewInstall(config)
	install.ReleaseName, install.Namespace = c.Name, c.releaseNamespace()
	install.WaitStrategy, install.WaitForJobs, install.Timeout = kube.StatusWatcherStrategy, true, h.Timeout
	_, err = install.RunWithContext(ctx, loaded, values)
	return err
}

// Upgrade is helm upgrade --rollback-on-failure, which Helm 3 calls --atomic.
func (h *Helm) Upgrade(ctx context.Context, c Chart, values map[string]any) error {
	loaded, err := load(c.Folder)
	if err != nil {
		return err
	}
	config, err := h.configuration(c.releaseNamespace())
	if err != nil {
		return err
	}
	upgrade := action.NewUpgrade(config)
	upgrade.Namespace, upgrade.RollbackOnFailure, upgrade.ResetValues = c.releaseNamespace(), true, true
	upgrade.WaitStrategy, upgrade.WaitForJobs, upgrade.Timeout = kube.StatusWatcherStrategy, true, h.Timeout
	_, err = upgrade.RunWithContext(ctx, c.Name, loaded, values)
	return err
}

// Rollback is helm rollback --wait to a revision.
func (h *Helm) Rollback(c Chart, revision int) error {
	config, err := h.configuration(c.releaseNamespace())
	if err != nil {
		return err
	}
	rollback := action.NewRollback(config)
	rollback.Version, rollback.WaitStrategy, rollback.WaitForJobs, rollback.Timeout = revision, kube.StatusWatcherStrategy, true, h.Timeout
	return rollback.Run(c.Name)
}

// Uninstall is helm uninstall --wait.
func (h *Helm) Uninstall(c Chart) error {
	config, err := h.configuration(c.releaseNamespace())
	if err != nil {
		return err
	}
	uninstall := action.NewUninstall(config)
	uninstall.WaitStrategy, uninstall.Timeout, uninstall.DeletionPropagation = kube.StatusWatcherStrategy, h.Timeout, "background"
	_, err = uninstall.Run(c.Name)
	return err
}

// Status of the newest revision: its number, and deployed, failed or another word of Helm's.
func (h *Helm) Status(c Chart) (int, string, error) {
	config, err := h.configuration(c.releaseNamespace())
	if err != nil {
		return 0, "", err
	}
	found, err := action.NewStatus(config).Run(c.Name)
	if err != nil {
		return 0, "", err
	}
	r, ok := found.(*release.Release)
	if !ok {
		return 0, "", fmt.Errorf("%s: a release of the kind %T", c.Name, found)
	}
	return r.Version, r.Info.Status.String(), nil
}

// releaseNamespace of a cluster's chart is where administrators keep theirs.
func (c Chart) releaseNamespace() string {
	if c.Cluster() {
		return "kube-system"
	}
	return c.Namespace
}

// load reads a chart with what it depends on from beside it.
func load(folder string) (*chart.Chart, error) {
	c, err := loader.LoadDir(folder)
	if err != nil {
		return nil, err
	}
	c.SetDependencies()
	for _, d := range c.Metadata.Dependencies {
		beside, ok := strings.CutPrefix(d.Repository, "file://")
		if !ok {
			return nil, fmt.Errorf("%s: the dependency %s is not in this repository", folder, d.Name)
		}
		lib, err := loader.LoadDir(filepath.Join(folder, beside))
		if err != nil {
			return nil, err
		}
		c.AddDependency(lib)
	}
	return c, nil
}
