// Package ledger is the money of CareFusion: an encounter is charged, a charge is paid, and each of these is a journal whose
// lines add up to zero. Nothing is changed or deleted; what was wrong is undone by its opposite. Balances are never stored.
package ledger
