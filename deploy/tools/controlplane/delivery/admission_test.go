//go:build controlplane

package delivery_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/fusionems/quantum/deploy/tools/controlplane"
	"github.com/fusionems/quantum/deploy/tools/controlplane/delivery"
)

// A binding to a policy that is not there denies nothing, and neither does an expression about a field that is not there.
func TestThePoliciesAreThereAndMeanWhatTheySay(t *testing.T) {
	c := start(t, controlplane.Parts{Controllers: true})
	c.provesThatTypesAreChecked(t)
	for _, environment := range c.rails.Environments {
		c.prepare(t, environment)
		policies := c.checkedPolicies(t)
		bindings, err := c.AdmissionregistrationV1().ValidatingAdmissionPolicyBindings().List(t.Context(), metav1.ListOptions{})
		if err != nil {
			t.Fatal(err)
		}
		bound := map[string]int{}
		for _, b := range bindings.Items {
			if !slices.Contains(policies, b.Spec.PolicyName) {
				t.Errorf("%s binds %s, which is not there", b.Name, b.Spec.PolicyName)
			}
			if !slices.Contains(b.Spec.ValidationActions, admissionv1.Deny) {
				t.Errorf("%s denies nothing: %v", b.Name, b.Spec.ValidationActions)
			}
			if b.Spec.MatchResources == nil || b.Spec.MatchResources.NamespaceSelector == nil {
				t.Fatalf("%s names no namespace", b.Name)
			}
			bound[b.Spec.MatchResources.NamespaceSelector.MatchLabels[corev1.LabelMetadataName]]++
		}
		for _, chart := range c.deliveries {
			if bound[chart.Namespace] == 0 {
				t.Errorf("%s: nothing is bound to %s", environment, chart.Namespace)
			}
		}
		for _, policy := range policies {
			if !slices.ContainsFunc(bindings.Items, func(b admissionv1.ValidatingAdmissionPolicyBinding) bool { return b.Spec.PolicyName == policy }) {
				t.Errorf("%s: nothing binds it", policy)
			}
		}
	}
}

// checkedPolicies waits until the controllers have looked at every policy as it is now, and reports what they found.
func (c *cluster) checkedPolicies(t *testing.T) []string {
	t.Helper()
	var names []string
	api := c.AdmissionregistrationV1().ValidatingAdmissionPolicies()
	eventually(t, func() error {
		names = nil
		all, err := api.List(t.Context(), metav1.ListOptions{})
		if err != nil {
			return err
		}
		for _, p := range all.Items {
			if p.Status.ObservedGeneration != p.Generation || p.Status.TypeChecking == nil {
				return fmt.Errorf("%s: its types are not checked yet", p.Name)
			}
			names = append(names, p.Name)
		}
		return nil
	})
	for _, name := range names {
		p, err := api.Get(t.Context(), name, metav1.GetOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range p.Status.TypeChecking.ExpressionWarnings {
			t.Errorf("%s: %s: %s", name, w.FieldRef, w.Warning)
		}
		if p.Spec.FailurePolicy == nil || *p.Spec.FailurePolicy != admissionv1.Fail {
			t.Errorf("%s lets pass what it cannot judge", name)
		}
	}
	return names
}

// provesThatTypesAreChecked shows that an expression about a field that is not there is remarked on.
func (c *cluster) provesThatTypesAreChecked(t *testing.T) {
	t.Helper()
	api := c.AdmissionregistrationV1().ValidatingAdmissionPolicies()
	policy := &admissionv1.ValidatingAdmissionPolicy{ObjectMeta: metav1.ObjectMeta{Name: "mistaken"}, Spec: admissionv1.ValidatingAdmissionPolicySpec{
		MatchConstraints: &admissionv1.MatchResources{ResourceRules: []admissionv1.NamedRuleWithOperations{{RuleWithOperations: admissionv1.RuleWithOperations{
			Operations: []admissionv1.OperationType{admissionv1.Create},
			Rule:       admissionv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"services"}}}}}},
		Validations: []admissionv1.Validation{{Expression: "object.spec.sort == 'ClusterIP'"}}}}
	if _, err := api.Create(t.Context(), policy, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() error {
		p, err := api.Get(t.Context(), policy.Name, metav1.GetOptions{})
		if err == nil && (p.Status.TypeChecking == nil || len(p.Status.TypeChecking.ExpressionWarnings) == 0) {
			err = fmt.Errorf("an expression about a field that is not there was not remarked on")
		}
		return err
	})
	if err := api.Delete(t.Context(), policy.Name, metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
}

func TestWhatTheChartsRefuseTheServerRefusesToo(t *testing.T) {
	c := start(t, controlplane.Parts{})
	c.prepare(t, "prod")
	caught := map[string]int{}
	for _, chart := range c.deliveries {
		all := objects(t, chart, "prod")
		c.applyAccounts(t, all)
		own := c.ownerOf(t, chart)
		for _, m := range mutants() {
			if m.only != "" && m.only != chart.Name {
				continue
			}
			t.Run(chart.Name+"/"+m.name, func(t *testing.T) {
				o := first(t, withMade(t, all), m.kind)
				m.mutate(t, o, own)
				c.refused(t, o, m.says)
				caught[m.name]++
			})
		}
		t.Run(chart.Name+"/what is right", func(t *testing.T) {
			for _, o := range slices.Concat(all, rightful(t, own)) {
				if err := c.Check(t.Context(), o); err != nil {
					t.Error(err)
				}
			}
		})
	}
	if len(caught) < 12 {
		t.Errorf("only %d kinds of violation were caught", len(caught))
	}
	t.Logf("%d kinds of violation, each in up to %d deliveries", len(caught), len(c.deliveries))
}

func (c *cluster) ownerOf(t *testing.T, chart delivery.Chart) owner {
	t.Helper()
	for _, d := range c.rails.Deliveries {
		if d.Namespace == chart.Namespace {
			return owner{GuardDelivery: d, foreign: c.otherThan(d.Namespace)}
		}
	}
	t.Fatalf("no delivery has the namespace %s", chart.Namespace)
	return owner{}
}

// otherThan is a delivery that the one of this namespace shares nothing with.
func (c *cluster) otherThan(namespace string) delivery.GuardDelivery {
	if telehealth := c.rails.Deliveries["carefusion"]; telehealth.Namespace != namespace {
		return telehealth
	}
	return c.rails.Deliveries["fusionems"]
}

// refused waits a little: the apiserver takes a policy to heart a moment after it was written.
func (c *cluster) refused(t *testing.T, o *unstructured.Unstructured, says string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	err := delivery.Until(ctx, func(ctx context.Context) error {
		err := c.Check(ctx, o)
		switch {
		case err == nil:
			return fmt.Errorf("%s %s was taken", o.GetKind(), o.GetName())
		case !apierrors.IsInvalid(err) && !apierrors.IsForbidden(err), !strings.Contains(err.Error(), "ValidatingAdmissionPolicy"):
			return fmt.Errorf("refused, but not by a policy of ours: %w", err)
		case !strings.Contains(err.Error(), says):
			return fmt.Errorf("refused without the words %q: %w", says, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// withMade adds a Pod that a Deployment makes: a pod of one's own is the way around a policy about Deployments.
func withMade(t *testing.T, all []*unstructured.Unstructured) []*unstructured.Unstructured {
	t.Helper()
	for _, pod := range pods(t, all) {
		if strings.HasPrefix(pod.GetName(), "deployment-") {
			return slices.Concat([]*unstructured.Unstructured{pod}, all)
		}
	}
	t.Fatal("no Deployment is rendered")
	return nil
}
