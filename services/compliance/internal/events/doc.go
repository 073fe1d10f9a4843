// Package events works on what other services tell.
package events
