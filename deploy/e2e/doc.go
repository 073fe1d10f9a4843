// Package e2e drives a whole fleet through its public edge: the journey of a chart, the permission matrix, and what must survive kill -9.
//
// The tests start a fleet of their own in a temporary directory, on real components, from the binaries in .run/bin
// (`make e2e` builds them). They need the build tag e2e.
package e2e
