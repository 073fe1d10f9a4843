// Package servers holds a test that starts the fleet on servers of somebody else, each named by its one variable.
package servers
