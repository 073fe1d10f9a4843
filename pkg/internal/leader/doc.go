// Package leader lets one of several replicas do a piece of work: the one that holds an advisory lock of PostgreSQL.
//
// The lock belongs to a session. When the process dies or the server goes away it is free again, and the session's end is
// noticed by the listening that keeps it busy.
package leader
