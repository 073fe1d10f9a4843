package page

import (
	"context"
	"encoding/base64"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/services/carefusion/internal/fault"
	"github.com/fusionems/quantum/services/carefusion/internal/identity"
	"github.com/fusionems/quantum/services/carefusion/internal/seal"
)

const normal = 50

// Size is the number of rows of a page.
func Size(asked int32) int {
	if asked == 0 {
		return normal
	}
	return int(asked)
}

// Pages makes and reads tokens.
type Pages struct{ Sealer *seal.Sealer }

func place(ctx context.Context, list string) string {
	p, _ := identity.From(ctx)
	return "page " + list + " " + p.RoleName() + " " + p.Subject.String()
}

// Next is the token of the page after key.
func (g Pages) Next(ctx context.Context, list string, key string) string {
	return base64.RawURLEncoding.EncodeToString(g.Sealer.Seal(place(ctx, list), key))
}

// After is the key that a token holds; "" without a token.
func (g Pages) After(ctx context.Context, list, token string) (string, error) {
	if token == "" {
		return "", nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		var key string
		if key, err = g.Sealer.Open(place(ctx, list), raw); err == nil {
			return key, nil
		}
	}
	return "", fault.Invalid("pageToken", "page_token", "Send the token of the previous page of the same list, or none.")
}

// AfterID is After for lists by id; first is where a list without a token begins.
func (g Pages) AfterID(ctx context.Context, list, token string, first uuid.UUID) (uuid.UUID, error) {
	key, err := g.After(ctx, list, token)
	if err != nil || key == "" {
		return first, err
	}
	return uuid.Parse(key)
}

// Cut drops the row that was read beyond the page and answers the token for what follows.
func Cut[T any](ctx context.Context, g Pages, list string, rows []T, size int, key func(T) string) ([]T, string) {
	if len(rows) <= size {
		return rows, ""
	}
	rows = rows[:size]
	return rows, g.Next(ctx, list, key(rows[size-1]))
}
