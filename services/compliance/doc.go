// Package compliance is the service whose records inspectors read: the DEA and CMS workspaces, which hold references and
// dates and never a credential.
//
// It is separate because what an inspector relies on must not be writable by those who are inspected.
package compliance
