// Package local runs CareFusion on one machine: a private PostgreSQL, an issuer with demo people, and the service as a child
// process that comes back when it ends. It knows nothing of any other program on the machine.
package local
