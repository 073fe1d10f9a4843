package canonical

import "github.com/fusionems/quantum/services/clinical/internal/nemsis/c14n"

// Equal tells whether two documents have the same canonical form (Canonical
// XML 1.1 without comments).
func Equal(a, b []byte) (bool, error) { return c14n.Equal(string(a), string(b)) }
