// Package live wakes those who watch something when it changes. It carries no content: who is woken reads again, with
// permissions of their own.
package live
