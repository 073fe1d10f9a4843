// Package rpc serves the contract of the qa service.
package rpc
