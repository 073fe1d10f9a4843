// Package rpc answers fleet.billing.v1.ClaimService.
package rpc
