// Package trail is the audit log as its users know it: entries go in once and in one order, and whoever may read one can
// have it proved.
package trail
