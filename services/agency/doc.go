// Package agency is the service that decides who is a tenant of the fleet and which modules are on for each.
//
// It is separate because whoever decides that must not also hold what tenants own.
package agency
