// Package telemetry counts calls and what waits, and traces calls. Labels are methods, codes and kinds: nothing that names a
// person, an appointment or an address.
package telemetry
