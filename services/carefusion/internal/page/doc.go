// Package page turns the last key of a page into a token that only its caller can use, and only for the same list.
package page
