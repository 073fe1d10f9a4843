// Package databench measures what the data layer costs, each figure against a bare base measured in the same run in
// interleaved rounds, so that a busy machine slows both.
package databench
