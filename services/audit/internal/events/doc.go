// Package events takes the audit records of all services off the stream and puts them into the log.
package events
