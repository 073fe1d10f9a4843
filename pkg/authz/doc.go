// Package authz checks a principal against the permission that an RPC's proto option states; it is the second of the three layers that say no.
package authz
