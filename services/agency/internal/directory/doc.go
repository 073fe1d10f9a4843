// Package directory names the people behind the subjects of tokens, as their tokens described them when the fleet last saw them.
package directory
