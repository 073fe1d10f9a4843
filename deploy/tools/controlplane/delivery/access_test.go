//go:build controlplane

package delivery_test

import (
	"fmt"
	"slices"
	"testing"

	authorizationv1 "k8s.io/api/authorization/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/fusionems/quantum/deploy/tools/controlplane"
)

// account is a service account of a delivery.
type account struct{ namespace, name string }

func (a account) user() string { return "system:serviceaccount:" + a.namespace + ":" + a.name }

// right is one thing that somebody may be allowed to do.
type right struct{ verb, group, resource, subresource string }

func (r right) String() string {
	return fmt.Sprintf("%s %s/%s%s", r.verb, r.group, r.resource, r.subresource)
}

// rights nobody of a delivery has in the namespace of another.
func rights() []right {
	var out []right
	for _, verb := range []string{"get", "list", "watch", "create", "update", "delete"} {
		for _, resource := range []string{"secrets", "configmaps", "pods", "serviceaccounts"} {
			out = append(out, right{verb, "", resource, ""})
		}
	}
	return append(out, nowhere()...)
}

// nowhere are the rights that they do not have in their own namespace either: each of them leads to all others.
func nowhere() []right {
	const rbac = "rbac.authorization.k8s.io"
	return []right{
		{"get", "", "secrets", ""}, {"list", "", "secrets", ""}, {"watch", "", "secrets", ""},
		{"create", "", "pods", ""}, {"create", "", "pods", "exec"}, {"create", "", "serviceaccounts", "token"},
		{"create", "apps", "deployments", ""}, {"create", "batch", "jobs", ""}, {"create", "networking.k8s.io", "networkpolicies", ""},
		{"delete", "networking.k8s.io", "networkpolicies", ""},
		{"create", rbac, "rolebindings", ""}, {"update", rbac, "rolebindings", ""}, {"create", rbac, "roles", ""}, {"bind", rbac, "roles", ""},
		{"escalate", rbac, "roles", ""}, {"create", rbac, "clusterrolebindings", ""}, {"impersonate", "", "users", ""},
	}
}

func TestNoAccountReachesAnotherNamespace(t *testing.T) {
	c := start(t, controlplane.Parts{})
	var accounts []account
	for _, environment := range c.rails.Environments {
		c.prepare(t, environment)
		for _, chart := range c.deliveries {
			for _, o := range objects(t, chart, environment) {
				if o.GetKind() != "ServiceAccount" && o.GroupVersionKind().Group != rbacv1.GroupName {
					continue
				}
				if err := c.Apply(t.Context(), o); err != nil {
					t.Fatal(err)
				}
				a := account{o.GetNamespace(), o.GetName()}
				if o.GetKind() == "ServiceAccount" && !slices.Contains(accounts, a) {
					accounts = append(accounts, a)
				}
			}
			accounts = append(accounts, account{chart.Namespace, "default"})
		}
	}
	namespaces := []string{metav1.NamespaceDefault, metav1.NamespaceSystem}
	for _, chart := range c.deliveries {
		namespaces = append(namespaces, chart.Namespace)
	}
	asked := 0
	for _, a := range accounts {
		for _, namespace := range namespaces {
			forbidden := rights()
			if namespace == a.namespace {
				forbidden = nowhere()
			}
			for _, r := range forbidden {
				asked++
				if c.allowed(t, a, namespace, r) {
					t.Errorf("%s may %s in %s", a.user(), r, namespace)
				}
			}
		}
	}
	if len(accounts) < 10 || asked < 1000 {
		t.Errorf("only %d questions about %d accounts", asked, len(accounts))
	}
	t.Logf("%d questions about %d accounts", asked, len(accounts))
	c.seesABinding(t, accounts[0])
}

// seesABinding shows that the questions above are answered yes where somebody gave the right.
func (c *cluster) seesABinding(t *testing.T, a account) {
	t.Helper()
	meta := metav1.ObjectMeta{Name: "seen", Namespace: metav1.NamespaceDefault}
	role := &rbacv1.Role{ObjectMeta: meta, Rules: []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"list"}}}}
	if _, err := c.RbacV1().Roles(meta.Namespace).Create(t.Context(), role, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	binding := &rbacv1.RoleBinding{ObjectMeta: meta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: meta.Name},
		Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: a.namespace, Name: a.name}}}
	if _, err := c.RbacV1().RoleBindings(meta.Namespace).Create(t.Context(), binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() error {
		if !c.allowed(t, a, binding.Namespace, right{"list", "", "pods", ""}) {
			return fmt.Errorf("%s was given the right to list pods and does not have it", a.user())
		}
		return nil
	})
}

func (c *cluster) allowed(t *testing.T, a account, namespace string, r right) bool {
	t.Helper()
	answer, err := c.AuthorizationV1().SubjectAccessReviews().Create(t.Context(), &authorizationv1.SubjectAccessReview{
		Spec: authorizationv1.SubjectAccessReviewSpec{
			User:   a.user(),
			Groups: []string{"system:serviceaccounts", "system:serviceaccounts:" + a.namespace, "system:authenticated"},
			ResourceAttributes: &authorizationv1.ResourceAttributes{
				Namespace: namespace, Verb: r.verb, Group: r.group, Version: "*", Resource: r.resource, Subresource: r.subresource},
		}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return answer.Status.Allowed
}
