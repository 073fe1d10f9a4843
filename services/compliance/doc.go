// Package compliance is the service whose records inspectors read: registrations and enrollments as metadata, never as
// credentials.
//
// It is separate because what an inspector relies on must not be writable by those who are inspected.
package compliance
