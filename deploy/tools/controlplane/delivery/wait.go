package delivery

import (
	"context"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

// Patience is how long a state is waited for that must come; a loaded machine may need it.
const Patience = 2 * time.Minute

// Until asks again until there is no error, and gives up with the last one.
func Until(ctx context.Context, ask func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, Patience)
	defer cancel()
	for {
		err := ask(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (c *Client) waitForCondition(ctx context.Context, o *unstructured.Unstructured, condition string) error {
	resource, err := c.Resource(o)
	if err != nil {
		return err
	}
	return Until(ctx, func(ctx context.Context) error {
		now, err := resource.Get(ctx, o.GetName(), metav1.GetOptions{})
		if err != nil {
			return err
		}
		conditions, _, err := unstructured.NestedSlice(now.Object, "status", "conditions")
		if err != nil {
			return err
		}
		for _, item := range conditions {
			if m, ok := item.(map[string]any); ok && m["type"] == condition && m["status"] == "True" {
				return nil
			}
		}
		return fmt.Errorf("%s %s is not %s", o.GetKind(), o.GetName(), condition)
	})
}
