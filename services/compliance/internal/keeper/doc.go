// Package keeper has the use cases of records: made once, changed by whoever saw the newest state, retired, listed. Both
// workspaces are kept by the same code.
package keeper
