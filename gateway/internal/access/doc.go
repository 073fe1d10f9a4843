// Package access keeps the access record of each request: one JSON line, and the metrics of its route.
package access
