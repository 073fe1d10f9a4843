// Package rpc serves the contract of the compliance service.
package rpc
