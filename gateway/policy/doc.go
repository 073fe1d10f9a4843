// Package policy carries the authorization policy of the gateway: Rego, the role table, and the data generated from both.
package policy
