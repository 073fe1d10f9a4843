// Package evidence sends the gateway's refusals to the audit log without making a request wait for it.
package evidence
