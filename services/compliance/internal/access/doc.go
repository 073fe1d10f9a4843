// Package access decides who sees a workspace, for the API and for the portal alike.
package access
