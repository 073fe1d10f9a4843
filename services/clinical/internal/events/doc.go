// Package events does what events of other services say: cases of quality review open and close charts to their readers.
package events
