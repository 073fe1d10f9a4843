// Package signin signs people in at a Keycloak by its own pages, as a browser without a screen.
package signin
