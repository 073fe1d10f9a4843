// Package events consumes what other services tell: a chart that was imported is judged and filed.
package events
