// Package gatewaytest has an OpenID provider with real keys, for tests and measurements of the gateway.
package gatewaytest
