// Package server fetches the pinned Keycloak distribution, builds it once for this machine, and runs it.
package server
