// Package keycloak makes CareFusion's own realm for Keycloak from the rules beside its RPCs.
package keycloak
