package page

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/pkg/identity"
)

type cursor struct{ After int64 }

func TestTokenHoldsForTheSameCallerAndQueryOnly(t *testing.T) {
	s, err := NewSealer(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
	if err != nil {
		t.Fatal(err)
	}
	p := identity.Principal{Subject: "a", AgencyID: 1}
	token, err := s.Seal(p, "list/x", cursor{42})
	if err != nil {
		t.Fatal(err)
	}
	var got cursor
	if ok, err := s.Open(p, "list/x", token, &got); err != nil || !ok || got.After != 42 {
		t.Fatalf("%v %v %+v", ok, err, got)
	}
	flipped := []byte(token)
	flipped[len(flipped)/2] ^= 1
	for name, open := range map[string]func() (bool, error){
		"other agency": func() (bool, error) {
			return s.Open(identity.Principal{Subject: "a", AgencyID: 2}, "list/x", token, &got)
		},
		"other subject": func() (bool, error) {
			return s.Open(identity.Principal{Subject: "b", AgencyID: 1}, "list/x", token, &got)
		},
		"other query": func() (bool, error) { return s.Open(p, "list/y", token, &got) },
		"forged":      func() (bool, error) { return s.Open(p, "list/x", string(flipped), &got) },
		"garbage":     func() (bool, error) { return s.Open(p, "list/x", "!!", &got) },
	} {
		if ok, err := open(); ok || errs.Reason(err) != ReasonTokenInvalid {
			t.Errorf("%s: %v %v", name, ok, err)
		}
	}
	if ok, err := s.Open(p, "list/x", "", &got); ok || err != nil {
		t.Errorf("no token: %v %v", ok, err)
	}
}

func TestSize(t *testing.T) {
	for in, want := range map[int32]int32{0: 50, 1: 1, 500: 500, 10_000: 500} {
		if got, err := Size(in); err != nil || got != want {
			t.Errorf("Size(%d) = %d, %v", in, got, err)
		}
	}
	if _, err := Size(-1); errs.Reason(err) != "PAGE_SIZE_INVALID" {
		t.Error(err)
	}
}

type request struct {
	size  int32
	token string
}

func (r request) GetPageSize() int32   { return r.size }
func (r request) GetPageToken() string { return r.token }

func TestReadWalksEveryRowOnce(t *testing.T) {
	s, err := NewSealer(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32))))
	if err != nil {
		t.Fatal(err)
	}
	p := identity.Principal{Subject: "a", AgencyID: 1}
	const rows = 7
	list := func(after int, limit int32) ([]int, error) {
		var out []int
		for n := after + 1; n <= rows && len(out) < int(limit); n++ {
			out = append(out, n)
		}
		return out, nil
	}
	for _, size := range []int32{1, 3, 7, 8} {
		seen, token, pages := 0, "", 0
		for {
			got, next, err := Read(s, p, "list", request{size, token}, list, func(n int) int { return n })
			if err != nil || len(got) > int(size) {
				t.Fatalf("page of %d: %v %v", size, got, err)
			}
			for _, n := range got {
				if seen++; n != seen {
					t.Fatalf("page of %d: row %d after %d", size, n, seen-1)
				}
			}
			pages++
			if token = next; token == "" {
				break
			}
		}
		if want := (rows + int(size) - 1) / int(size); seen != rows || pages != want {
			t.Errorf("page of %d: %d rows on %d pages, want %d on %d", size, seen, pages, rows, want)
		}
	}
}
