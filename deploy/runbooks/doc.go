// Package runbooks holds what operators do, as documents, and the tests that execute their commands.
package runbooks
