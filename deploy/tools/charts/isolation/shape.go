package isolation

import (
	"fmt"
	"regexp"
	"strings"

	corev1 "k8s.io/api/core/v1"
)

// secretLike are names of variables whose value would be a secret. A file's path is not one.
var secretLike = regexp.MustCompile(`(PASSWORD|SECRET|TOKEN|_KEY|KEK|DATABASE_URL|REDIS_URL)`)

// namespaced are the kinds that a release may render; everything of the cluster belongs into the chart of its administrator.
var namespaced = map[string]bool{
	"ServiceAccount": true, "Service": true, "Deployment": true, "Job": true, "Pod": true, "ConfigMap": true, "NetworkPolicy": true,
	"PodDisruptionBudget": true, "HorizontalPodAutoscaler": true, "ScaledObject": true, "Certificate": true, "ExternalSecret": true,
	"ServiceMonitor": true, "PrometheusRule": true, "StatefulSet": true, "CronJob": true, "Role": true, "RoleBinding": true, "Issuer": true,
}

// shape finds what no object of a delivery may be or have.
func (d Delivery) shape(openToUsers string) ([]Finding, error) {
	var out []Finding
	for _, o := range d.Objects {
		at := o.GetKind() + " " + o.GetNamespace() + "/" + o.GetName()
		note := func(rule, format string, args ...any) {
			out = append(out, Finding{rule, at, fmt.Sprintf(format, args...)})
		}
		switch kind := o.GetKind(); {
		case kind == "Secret":
			note("no secret in a manifest", "secrets come from Vault")
		case !namespaced[kind]:
			note("namespaced objects only", "a release renders no %s", kind)
		case o.GetNamespace() != d.Namespace:
			note("own namespace", "it is not in %s", d.Namespace)
		case kind == "Service":
			kind, _ := field(o.Object, "spec", "type").(string)
			if kind == "ExternalName" || kind == "NodePort" || (kind == "LoadBalancer" && o.GetName() != openToUsers) {
				note("private network", "type %s", kind)
			}
		case kind == "Certificate":
			if issuer, _ := field(o.Object, "spec", "issuerRef", "kind").(string); issuer != "Issuer" {
				note("own issuer", "issued by a %s", issuer)
			}
		case kind == "ExternalSecret":
			if store, _ := field(o.Object, "spec", "secretStoreRef", "kind").(string); store != "SecretStore" {
				note("own vault", "read through a %s", store)
			}
		case kind == "RoleBinding":
			subjects, _ := field(o.Object, "subjects").([]any)
			for _, s := range subjects {
				if m, _ := s.(map[string]any); m["namespace"] != d.Namespace {
					note("own accounts", "binds %v", m["name"])
				}
			}
		}
	}
	pods, err := d.pods()
	for _, p := range pods {
		out = append(out, p.shape()...)
	}
	return out, err
}

func field(o map[string]any, path ...string) any {
	var at any = o
	for _, key := range path {
		m, ok := at.(map[string]any)
		if !ok {
			return nil
		}
		at = m[key]
	}
	return at
}

func (p pod) shape() []Finding {
	var out []Finding
	note := func(rule, detail string) { out = append(out, Finding{rule, "pod " + p.id(), detail}) }
	if p.spec.HostNetwork || p.spec.HostPID || p.spec.HostIPC {
		note("not on the node", "it shares a namespace of the node")
	}
	if p.spec.AutomountServiceAccountToken == nil || *p.spec.AutomountServiceAccountToken {
		note("no token of the apiserver", "automountServiceAccountToken is not false")
	}
	if p.spec.ServiceAccountName == "" || p.spec.ServiceAccountName == "default" {
		note("own account", "it runs as the default account")
	}
	if c := p.spec.SecurityContext; c == nil || c.SeccompProfile == nil || c.RunAsNonRoot == nil || !*c.RunAsNonRoot {
		note("restricted", "the pod's security context lacks runAsNonRoot or seccompProfile")
	}
	for _, v := range p.spec.Volumes {
		if v.HostPath != nil {
			note("not on the node", "volume "+v.Name+" is of the node")
		}
	}
	for _, c := range p.containers() {
		for _, detail := range containerShape(c) {
			note("container "+c.Name, detail)
		}
	}
	return out
}

func containerShape(c corev1.Container) []string {
	var out []string
	s := c.SecurityContext
	if s == nil || s.AllowPrivilegeEscalation == nil || *s.AllowPrivilegeEscalation || s.ReadOnlyRootFilesystem == nil || !*s.ReadOnlyRootFilesystem ||
		s.Capabilities == nil || len(s.Capabilities.Drop) == 0 || s.Capabilities.Drop[0] != "ALL" || len(s.Capabilities.Add) > 0 {
		out = append(out, "its security context is not that of the restricted profile with a read-only root")
	}
	for _, e := range c.Env {
		if e.ValueFrom != nil && e.ValueFrom.SecretKeyRef != nil {
			out = append(out, "the variable "+e.Name+" comes from a Secret")
		}
		if secretLike.MatchString(e.Name) && !strings.HasSuffix(e.Name, "_FILE") && e.Value != "" {
			out = append(out, "the variable "+e.Name+" holds a secret in plain sight")
		}
	}
	for _, e := range c.EnvFrom {
		if e.SecretRef != nil {
			out = append(out, "all variables of a Secret are given to it")
		}
	}
	for name, probe := range map[string]*corev1.Probe{"liveness": c.LivenessProbe, "readiness": c.ReadinessProbe, "startup": c.StartupProbe} {
		if probe != nil && (probe.HTTPGet == nil || probe.HTTPGet.Scheme != corev1.URISchemeHTTPS) {
			out = append(out, "its "+name+" probe is not HTTPS")
		}
	}
	if c.Resources.Limits.Memory().IsZero() || c.Resources.Requests.Cpu().IsZero() {
		out = append(out, "it has no memory limit or no CPU request")
	}
	return out
}
