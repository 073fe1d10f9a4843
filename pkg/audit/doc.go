// Package audit makes the record of a call without a handler having to remember it.
//
// The server interceptor opens a Call for every RPC. A transaction that writes commits the record with its rows (pkg/db);
// the interceptor itself writes it for refusals and for reads of protected data. Handlers only say what they touched.
package audit
