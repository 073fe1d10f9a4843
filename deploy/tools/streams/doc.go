// Command streams backs up the streams of a JetStream account, restores them, and takes them back to a moment in time.
package main
