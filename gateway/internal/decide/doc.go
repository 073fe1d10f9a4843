// Package decide asks the embedded OPA policy whether a caller may reach a method, and remembers the answers.
package decide
