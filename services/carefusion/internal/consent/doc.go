// Package consent keeps what patients agreed to: per purpose, to a text that was shown, by a decision that is never presumed.
package consent
