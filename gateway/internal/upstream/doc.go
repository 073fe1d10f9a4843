// Package upstream holds the connections to the services and says which of them are ready.
package upstream
