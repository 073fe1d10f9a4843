package page

import "github.com/fusionems/quantum/pkg/identity"

// Request is a request for a page of a list (AIP-158).
type Request interface {
	GetPageSize() int32
	GetPageToken() string
}

// Read answers one page of the list that query describes, and the token of the next page, "" on the last. list gives the
// rows after a cursor, the zero cursor on the first page; it is asked for one row more than the page holds, which tells
// whether there is another page. cursor is where the page after a row begins.
func Read[T, C any](s *Sealer, p identity.Principal, query any, req Request,
	list func(after C, limit int32) ([]T, error), cursor func(T) C) (rows []T, next string, err error) {
	size, err := Size(req.GetPageSize())
	if err != nil {
		return nil, "", err
	}
	var after C
	if _, err := s.Open(p, query, req.GetPageToken(), &after); err != nil {
		return nil, "", err
	}
	if rows, err = list(after, size+1); err != nil {
		return nil, "", err
	}
	if len(rows) <= int(size) {
		return rows, "", nil
	}
	rows = rows[:size]
	next, err = s.Seal(p, query, cursor(rows[size-1]))
	return rows, next, err
}
