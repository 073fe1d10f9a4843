// Package portal serves the built web app of the fleet from inside the gateway.
package portal
