// Package clock is the time that rules and stores are given, so that tests can hold it.
package clock
