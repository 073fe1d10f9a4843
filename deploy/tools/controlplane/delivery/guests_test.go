//go:build controlplane

package delivery_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/fusionems/quantum/deploy/tools/controlplane"
	"github.com/fusionems/quantum/deploy/tools/controlplane/delivery"
)

// What kubectl debug does: a container of somebody's choice is put into a pod that runs, with its network and its files.
func TestWhoIsPutIntoARunningPodIsLookedAtToo(t *testing.T) {
	c := start(t, controlplane.Parts{})
	c.prepare(t, "prod")
	for _, chart := range c.deliveries {
		all := objects(t, chart, "prod")
		c.applyAccounts(t, all)
		made := first(t, withMade(t, all), "Pod")
		if err := c.Apply(t.Context(), made); err != nil {
			t.Fatal(err)
		}
		own := c.ownerOf(t, chart)
		var pod corev1.Pod
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(made.Object, &pod); err != nil {
			t.Fatal(err)
		}
		image := pod.Spec.Containers[0].Image
		foreign := strings.Replace(image, "/"+own.Images+"/", "/"+own.foreign.Images+"/", 1)
		tagged, _, _ := strings.Cut(image, "@")
		for name, try := range map[string]struct {
			guest corev1.EphemeralContainerCommon
			says  string
		}{
			"a tag in production":    {corev1.EphemeralContainerCommon{Image: tagged + ":latest"}, "digest"},
			"an image of another":    {corev1.EphemeralContainerCommon{Image: foreign}, "images of"},
			"the agent's name":       {corev1.EphemeralContainerCommon{Name: "vault-agent", Image: foreign}, "images of"},
			"a literal secret":       {corev1.EphemeralContainerCommon{Image: image, Env: []corev1.EnvVar{{Name: "FLEET_X_KEY", Value: "a"}}}, "never a literal"},
			"a secret in a variable": {corev1.EphemeralContainerCommon{Image: image, Env: []corev1.EnvVar{fromSecret()}}, "secretKeyRef"},
			"one of the delivery's":  {corev1.EphemeralContainerCommon{Image: image}, ""},
		} {
			t.Run(chart.Name+"/"+name, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				if err := delivery.Until(ctx, func(ctx context.Context) error {
					return c.letsIn(ctx, made.GetNamespace(), made.GetName(), try.guest, try.says)
				}); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func fromSecret() corev1.EnvVar {
	return corev1.EnvVar{Name: "FLEET_X", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "x"}, Key: "y"}}}
}

// letsIn tries it without doing it; whoever is to be refused must be refused by a policy of ours, in these words.
func (c *cluster) letsIn(ctx context.Context, namespace, name string, guest corev1.EphemeralContainerCommon, says string) error {
	pod, err := c.CoreV1().Pods(namespace).Get(ctx, name, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if guest.Name == "" {
		guest.Name = "guest"
	}
	no, yes := false, true
	guest.SecurityContext = &corev1.SecurityContext{AllowPrivilegeEscalation: &no, RunAsNonRoot: &yes, Capabilities: &corev1.Capabilities{Drop: []corev1.Capability{"ALL"}}}
	pod.Spec.EphemeralContainers = append(pod.Spec.EphemeralContainers, corev1.EphemeralContainer{EphemeralContainerCommon: guest})
	_, err = c.CoreV1().Pods(namespace).UpdateEphemeralContainers(ctx, name, pod, metav1.UpdateOptions{DryRun: []string{metav1.DryRunAll}})
	switch {
	case says == "":
		return err
	case err == nil:
		return fmt.Errorf("%s was let in", guest.Image)
	case !strings.Contains(err.Error(), "ValidatingAdmissionPolicy") || !strings.Contains(err.Error(), says):
		return fmt.Errorf("refused without the words %q of a policy of ours: %w", says, err)
	}
	return nil
}
