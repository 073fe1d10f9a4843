// Package verify computes the log again from its rows and says where it is not what it was.
//
// It trusts the checkpoint signatures and nothing else: every leaf is encoded again from its columns, every node and root
// computed again, and the protection of the tables looked at. It holds one batch of rows at a time.
package verify
