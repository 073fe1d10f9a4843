// Package dea says where a DEA registration stands, from its dates and the governance policy.
//
// A status is computed when it is asked for: a stored one would be wrong the day after.
package dea
