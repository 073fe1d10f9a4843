// Package events drafts claims from what the clinical service says about charts.
package events
