// Package edge is the chain that a REST request goes through before and after the call of a service.
package edge
