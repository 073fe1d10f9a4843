// Package app puts the service together.
package app
