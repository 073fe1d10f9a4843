// Package evidence sends the gateway's records, refusals above all, to the audit log without making a request wait for it.
package evidence
