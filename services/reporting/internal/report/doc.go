// Package report runs report templates so that the answer can be had again to the byte.
//
// A Definition says everything that decides an answer; with a mark in the order in which facts arrived it has exactly one
// Result. Both are hashed in canonical JSON (RFC 8785), and the Result is stored as the very bytes that were hashed.
package report
