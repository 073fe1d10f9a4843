// Package pki makes short-lived certificate authorities and certificates with SPIFFE ids, for tests and for the fleet on one machine.
package pki
