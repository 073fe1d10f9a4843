package nemsis

import (
	"encoding/base64"
	"strings"
)

// number is a decimal number as text, so that neither range nor digits of a
// hostile one overflow anything. whole has no leading, frac no trailing zeros.
type number struct {
	negative    bool
	whole, frac string
	point       bool
}

// parseNumber reads an optional sign, digits, and an optional fraction.
func parseNumber(s string) (number, bool) {
	var n number
	if s != "" && (s[0] == '+' || s[0] == '-') {
		n.negative = s[0] == '-'
		s = s[1:]
	}
	n.whole, n.frac, n.point = strings.Cut(s, ".")
	if n.whole == "" && n.frac == "" || !isDigits(n.whole) || !isDigits(n.frac) {
		return number{}, false
	}
	n.whole = strings.TrimLeft(n.whole, "0")
	n.frac = strings.TrimRight(n.frac, "0")
	if n.whole == "" && n.frac == "" {
		n.negative = false
	}
	return n, true
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// digits counts the digits that matter: zeros at either end do not, but those
// between the point and the first digit do.
func (n number) digits() int { return len(n.whole) + len(n.frac) }

func (n number) less(m number) bool {
	if n.negative != m.negative {
		return n.negative
	}
	c := n.compare(m)
	if n.negative {
		return c > 0
	}
	return c < 0
}

// compare orders by size without the sign.
func (n number) compare(m number) int {
	if len(n.whole) != len(m.whole) {
		return len(n.whole) - len(m.whole)
	}
	if c := strings.Compare(n.whole, m.whole); c != 0 {
		return c
	}
	return strings.Compare(n.frac, m.frac)
}

// validBase64 checks without keeping the decoded bytes. Blanks are allowed
// between the characters.
func validBase64(s string) bool {
	s = strings.ReplaceAll(s, " ", "")
	if strings.ContainsAny(s, "\r\n") {
		return false
	}
	_, err := base64.StdEncoding.Strict().DecodeString(s)
	return err == nil
}
