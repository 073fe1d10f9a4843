// Package session keeps the browser sessions of the portal: their tokens in Redis, sealed, and in the browser nothing but a random
// credential.
package session
