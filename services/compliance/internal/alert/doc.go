// Package alert says which dates of a record somebody must be told about, and when.
package alert
