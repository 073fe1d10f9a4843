// Package claim judges whether a call can be billed, at which level of service, and what its claim still lacks.
//
// It works on a Snapshot of codes, times and miles (never a name, a number of a person or free text) and on Rules, the
// governance document in force. It suggests; a person confirms. What a chart does not tell stays unknown: it becomes an
// entry in the list of what is missing, never a default.
package claim
