// Package reporting is the service that answers reports over the fleet's facts.
//
// It is separate because it may read much and write nothing but its own executions.
package reporting
