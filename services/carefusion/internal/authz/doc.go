// Package authz decides who may call an RPC from the option beside the RPC, and refuses everything else.
package authz
