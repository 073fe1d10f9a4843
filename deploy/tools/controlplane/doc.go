// Package controlplane runs a Kubernetes control plane on loopback for as long as a test needs it.
package controlplane
