// Package keycloak speaks to a Keycloak as its administrator: what a realm holds, who is in it, and whether it is as its file says.
package keycloak
