// Package directory puts the demo's people and machines into a Keycloak, and signs them in.
package directory
