package demo

import "context"

// Directory is an identity provider that people and machines are put into and sign in with.
type Directory interface {
	// Put makes everybody that the accounts name, but for those of agencies that do not exist yet, and notes in them by which subject
	// the provider knows a person.
	Put(ctx context.Context, a *Accounts) error
	// Person signs in with both factors, Machine with its secret.
	Person(ctx context.Context, name, password, totpSecret string) (Token, error)
	Machine(ctx context.Context, id, secret string) (Token, error)
}
