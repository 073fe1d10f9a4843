// Package tlsfile makes mutual-TLS configurations from certificate files, tells peers by their SPIFFE id, and picks up renewed files without a restart.
package tlsfile
