// Package catalog checks, from PostgreSQL's own tables, that a migrated schema keeps the agencies apart.
//
// A service calls Check in one test. What it finds is a rule that somebody forgot: a table without forced row-level
// security, a policy without WITH CHECK, a key that does not lead with the agency, a view with its owner's eyes.
package catalog
