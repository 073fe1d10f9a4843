// Package modules follows the registry of switched-off modules, so that a route closes within seconds on every replica.
package modules
