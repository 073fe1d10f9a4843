// Package rpc holds the RPCs that the gateway answers itself: people's browser sessions and the health of the fleet.
package rpc
