// Package audit keeps the tamper-evident log: every write, every refusal and every read of health information is one record
// in a chain of hashes. Handlers do not write records; they only name what the call was about.
package audit
