// Package supervise runs the processes of a local fleet and brings back any that dies.
//
// Children live in process groups of their own, so that a Ctrl-C in the terminal reaches the supervisor only and the stop is
// ordered; and they carry a parent-death signal, so that nothing survives a supervisor that was killed. That signal is tied to
// the thread that forked, not to the process: all forks therefore happen on one thread that lives as long as the supervisor.
package supervise
