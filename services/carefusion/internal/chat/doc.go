// Package chat carries what the two participants of a session write to each other. A sender is whom the token names, never a
// field; the words are sealed, and nobody but the two can read them.
package chat
