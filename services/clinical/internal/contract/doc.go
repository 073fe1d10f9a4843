// Package contract turns the facts of a chart into the messages of fleet.clinical.v1: the facts that readers are given,
// and the events for billing and reporting. It is the only place that knows both, and the only place where what leaves
// the service about a patient is chosen.
package contract
