// Package record holds what the records of both workspaces have in common: how one is made once, changed by whoever saw its
// newest state, retired and listed. It knows neither transport nor store.
package record
