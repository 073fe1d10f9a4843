package delivery

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// Client applies objects of any kind, and takes the apiserver's warnings for errors.
type Client struct {
	kubernetes.Interface
	Dynamic  dynamic.Interface
	mapper   *restmapper.DeferredDiscoveryRESTMapper
	warnings *warnings
}

// NewClient looks nothing up before the first object.
func NewClient(config *rest.Config) (*Client, error) {
	c := &Client{warnings: &warnings{}}
	config = rest.CopyConfig(config)
	config.WarningHandler = c.warnings
	var err error
	if c.Interface, err = kubernetes.NewForConfig(config); err != nil {
		return nil, err
	}
	if c.Dynamic, err = dynamic.NewForConfig(config); err != nil {
		return nil, err
	}
	c.mapper = restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(c.Discovery()))
	return c, nil
}

// Manager is who the objects are applied as.
const Manager = "charts"

// Apply is kubectl apply --server-side --warnings-as-errors.
func (c *Client) Apply(ctx context.Context, o *unstructured.Unstructured) error {
	return c.apply(ctx, o)
}

// Check is Apply with --dry-run=server: everything happens but the writing.
func (c *Client) Check(ctx context.Context, o *unstructured.Unstructured) error {
	return c.apply(ctx, o, metav1.DryRunAll)
}

func (c *Client) apply(ctx context.Context, o *unstructured.Unstructured, dryRun ...string) error {
	resource, err := c.Resource(o)
	if err != nil {
		return err
	}
	c.warnings.take()
	_, err = resource.Apply(ctx, o.GetName(), o, metav1.ApplyOptions{FieldManager: Manager, Force: true, DryRun: dryRun})
	if err != nil {
		return fmt.Errorf("%s %s: %w", o.GetKind(), o.GetName(), err)
	}
	if w := c.warnings.take(); len(w) > 0 {
		return &WarningsError{o.GetKind() + " " + o.GetName(), w}
	}
	return nil
}

// WarningsError says that an object was taken, but not gladly.
type WarningsError struct {
	Object   string
	Warnings []string
}

func (e *WarningsError) Error() string {
	return e.Object + ": taken with warnings: " + strings.Join(e.Warnings, "; ")
}

// Resource is where objects of that kind and namespace are kept.
func (c *Client) Resource(o *unstructured.Unstructured) (dynamic.ResourceInterface, error) {
	kind := o.GroupVersionKind()
	mapping, err := c.mapper.RESTMapping(kind.GroupKind(), kind.Version)
	if meta.IsNoMatchError(err) {
		return nil, fmt.Errorf("%s: the apiserver does not know the kind; if it is a custom resource, its definition belongs into the list of this package: %w", kind, err)
	}
	if err != nil {
		return nil, err
	}
	if mapping.Scope.Name() == meta.RESTScopeNameRoot {
		o.SetNamespace("")
		return c.Dynamic.Resource(mapping.Resource), nil
	}
	return c.Dynamic.Resource(mapping.Resource).Namespace(o.GetNamespace()), nil
}

// warnings collects what the apiserver remarks.
type warnings struct {
	mu  sync.Mutex
	all []string
}

func (w *warnings) HandleWarningHeader(code int, _, text string) {
	if code != 299 || text == "" {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, text)
}

func (w *warnings) take() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.all
	w.all = nil
	return out
}
