package xmlscan

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	nameStart = 1 << iota
	nameChar
	space
	forbidden
)

const name = nameStart | nameChar

// class sorts the ASCII characters as XML does.
var class = [256]uint8{
	0x00: forbidden, 0x01: forbidden, 0x02: forbidden, 0x03: forbidden, 0x04: forbidden, 0x05: forbidden, 0x06: forbidden, 0x07: forbidden,
	0x08: forbidden, 0x0b: forbidden, 0x0c: forbidden, 0x0e: forbidden, 0x0f: forbidden, 0x10: forbidden, 0x11: forbidden, 0x12: forbidden,
	0x13: forbidden, 0x14: forbidden, 0x15: forbidden, 0x16: forbidden, 0x17: forbidden, 0x18: forbidden, 0x19: forbidden, 0x1a: forbidden,
	0x1b: forbidden, 0x1c: forbidden, 0x1d: forbidden, 0x1e: forbidden, 0x1f: forbidden,
	'\t': space, '\n': space, '\r': space, ' ': space,
	'a': name, 'b': name, 'c': name, 'd': name, 'e': name, 'f': name, 'g': name, 'h': name, 'i': name,
	'j': name, 'k': name, 'l': name, 'm': name, 'n': name, 'o': name, 'p': name, 'q': name, 'r': name,
	's': name, 't': name, 'u': name, 'v': name, 'w': name, 'x': name, 'y': name, 'z': name,
	'A': name, 'B': name, 'C': name, 'D': name, 'E': name, 'F': name, 'G': name, 'H': name, 'I': name,
	'J': name, 'K': name, 'L': name, 'M': name, 'N': name, 'O': name, 'P': name, 'Q': name, 'R': name,
	'S': name, 'T': name, 'U': name, 'V': name, 'W': name, 'X': name, 'Y': name, 'Z': name,
	'_': name, ':': name, '-': nameChar, '.': nameChar,
	'0': nameChar, '1': nameChar, '2': nameChar, '3': nameChar, '4': nameChar, '5': nameChar, '6': nameChar, '7': nameChar, '8': nameChar, '9': nameChar,
}

func isSpace(c byte) bool { return class[c]&space != 0 }

// firstNonSpace returns the index of the first character that is not white
// space, -1 if there is none.
func firstNonSpace(s string) int {
	for i := range len(s) {
		if !isSpace(s[i]) {
			return i
		}
	}
	return -1
}

// IsSpace tells whether s is nothing but XML white space.
func IsSpace(s string) bool { return firstNonSpace(s) < 0 }

func startsName(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	if r < utf8.RuneSelf {
		return class[r]&nameStart != 0
	}
	return isNameRune(r, true)
}

// isNameRune: the NameStartChar and NameChar ranges of XML 1.0, fifth edition,
// above ASCII.
func isNameRune(r rune, first bool) bool {
	if !first && (r == 0xB7 || r >= 0x300 && r <= 0x36F || r == 0x203F || r == 0x2040) {
		return true
	}
	switch {
	case r >= 0xC0 && r <= 0x2FF:
		return r != 0xD7 && r != 0xF7
	case r >= 0x370 && r <= 0x1FFF:
		return r != 0x37E
	case r == 0x200C, r == 0x200D,
		r >= 0x2070 && r <= 0x218F, r >= 0x2C00 && r <= 0x2FEF,
		r >= 0x3001 && r <= 0xD7FF, r >= 0xF900 && r <= 0xFDCF,
		r >= 0xFDF0 && r <= 0xFFFD, r >= 0x10000 && r <= 0xEFFFF:
		return true
	}
	return false
}

// isChar: the characters XML allows in a document.
func isChar(r rune) bool {
	return r >= 0x20 && r <= 0xD7FF || r == '\t' || r == '\n' || r == '\r' ||
		r >= 0xE000 && r <= 0xFFFD || r >= 0x10000 && r <= 0x10FFFF
}

// normalizeLines makes every line end a line feed, as XML demands before parsing.
func normalizeLines(s string) string {
	if strings.IndexByte(s, '\r') < 0 {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// expand replaces references and normalizes line ends; in an attribute value
// white space becomes blanks, except where a character reference asks for it.
func (s *Scanner) expand(raw string, at int, attribute bool) (string, error) {
	var b strings.Builder
	b.Grow(len(raw))
	for i := 0; i < len(raw); {
		c := raw[i]
		switch {
		case c == '&':
			r, n := reference(raw[i:])
			if n == 0 {
				return "", s.badReference(raw[i:], at+i)
			}
			b.WriteRune(r)
			i += n
			continue
		case c == '\r':
			if i+1 < len(raw) && raw[i+1] == '\n' {
				i++
			}
			c = '\n'
		}
		if attribute && (c == '\n' || c == '\t') {
			c = ' '
		}
		b.WriteByte(c)
		i++
	}
	return b.String(), nil
}

// reference decodes a character reference or one of the five entities of XML
// at the start of raw; n is 0 if it is neither.
func reference(raw string) (r rune, n int) {
	end := strings.IndexByte(raw[:min(len(raw), 32)], ';')
	if end < 2 {
		return 0, 0
	}
	body := raw[1:end]
	switch body {
	case "lt":
		return '<', end + 1
	case "gt":
		return '>', end + 1
	case "amp":
		return '&', end + 1
	case "quot":
		return '"', end + 1
	case "apos":
		return '\'', end + 1
	}
	if body[0] != '#' || len(body) < 2 {
		return 0, 0
	}
	digits, base := body[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	if digits == "" || strings.ContainsAny(digits, "+-_") {
		return 0, 0
	}
	v, err := strconv.ParseUint(digits, base, 32)
	if err != nil || !isChar(rune(v)) || v > utf8.MaxRune {
		return 0, 0
	}
	return rune(v), end + 1
}

func (s *Scanner) badReference(raw string, at int) error {
	if strings.HasPrefix(raw, "&#") {
		return s.fault(WellFormed, at, "a character reference names no character that XML allows")
	}
	if name, _ := s.name(at + 1); name != "" && strings.HasPrefix(raw[1+len(name):], ";") {
		return s.fault(Entity, at, "an entity other than lt, gt, amp, quot and apos is not accepted")
	}
	return s.fault(WellFormed, at, `"&" begins no reference here; in text write "&amp;"`)
}
