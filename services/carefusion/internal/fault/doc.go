// Package fault is the errors that clients are told about: a code, a reason and a text that holds no health information.
package fault
