// Package tlsfile makes mutual-TLS configurations from certificate files and picks up renewed files without a restart.
package tlsfile
