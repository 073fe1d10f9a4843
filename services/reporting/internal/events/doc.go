// Package events takes the facts of charts into the read model.
package events
