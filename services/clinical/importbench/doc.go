// Package importbench measures the import of charts (reading, validating and
// keeping every value, both hashes) against the bare token loop of
// encoding/xml over the same bytes, for the bench of the fleet and for nothing
// else.
package importbench
