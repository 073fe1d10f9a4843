package screen

import (
	"math"
	"regexp"
	"strings"
	"unicode"
)

// References of the workspaces' own field, which look strange and are none: DEA numbers, NPI, PTAN, PECOS identifiers, UUIDs,
// dates, telephone numbers, addresses of mail and web, citations.
var (
	referenceForm = regexp.MustCompile(`(?i)^(?:[a-z][a-z9][0-9]{7}|[12][0-9]{9}|[a-z]{0,3}[0-9]{4,10}|[io][0-9]{14}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9]{5}|[0-9]{2}[a-z][0-9]{7}|r[0-9]+|[a-z]{1,6}-[0-9]{1,8}(?:[.-][a-z0-9]{1,6})*)$`)
	mail          = regexp.MustCompile(`(?i)^[a-z0-9._%+-]+@[a-z0-9.-]+\.[a-z]{2,}$`)
	web           = regexp.MustCompile(`(?i)^(?:https?://|www\.)[^\s@]+$`)
	hash          = regexp.MustCompile(`(?i)sha-?(?:256|512|1)\b[^a-z0-9]*[0-9a-f]{40,128}`)
	phrase        = regexp.MustCompile(`(?i)^[a-z]{3,12}(?:-[a-z]{3,12}){3,}$`)
)

func reference(v string) bool { return referenceForm.MatchString(v) }

// strange finds words that nobody writes as prose: passwords by rule, keys by their letters.
func strange(text string) Finding {
	text = hash.ReplaceAllString(text, "")
	for _, w := range strings.Fields(text) {
		w = strings.Trim(w, `"'`+"`"+`()<>[]{},;:.`)
		if reference(w) || mail.MatchString(w) || web.MatchString(w) {
			continue
		}
		switch {
		case byRule(w):
			return Password
		case random(w):
			return Key
		}
	}
	return ""
}

const signs = "!@#$%^&*+=?~|_"

// byRule is a word with what password rules ask for: 8 characters, both cases, a digit and a sign that prose does not use
// inside or at the end of a word.
func byRule(w string) bool {
	var lower, upper, digit, sign bool
	for _, r := range w {
		lower = lower || unicode.IsLower(r)
		upper = upper || unicode.IsUpper(r)
		digit = digit || unicode.IsDigit(r)
		sign = sign || strings.ContainsRune(signs, r)
	}
	kinds := 0
	for _, b := range []bool{lower, upper, digit, sign} {
		if b {
			kinds++
		}
	}
	return len(w) >= 8 && kinds == 4 || len(w) >= 8 && lower && digit && sign && strings.ContainsAny(w, "!@$%^*")
}

const (
	keyLength   = 16
	keyEntropy  = 3.2
	hexLength   = 32
	base32Bits  = 3.0
	longUnknown = 24
)

// random is a word of a key's length whose letters are as mixed as a key's.
func random(w string) bool {
	if len(w) < keyLength || phrase.MatchString(w) && len(w) < longUnknown {
		return false
	}
	core := strings.TrimRight(strings.Map(func(r rune) rune {
		if strings.ContainsRune("-_./+", r) {
			return -1
		}
		return r
	}, w), "=")
	if strings.IndexFunc(core, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) }) >= 0 {
		return false
	}
	digits := strings.IndexFunc(core, unicode.IsDigit) >= 0
	letters := strings.IndexFunc(core, unicode.IsLetter) >= 0
	upper, lower := strings.ToUpper(core) != core && strings.ToLower(core) != core, strings.ToUpper(core) != core
	switch {
	case !digits || !letters:
		return false
	case len(core) >= hexLength && strings.Trim(strings.ToLower(core), "0123456789abcdef") == "":
		return true
	case !lower: // capitals and digits: the seed of an authenticator
		return len(core) >= keyLength && strings.Trim(core, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == "" && entropy(core) >= base32Bits
	case upper:
		return len(core) >= keyLength && entropy(core) >= keyEntropy
	default:
		return len(core) >= longUnknown && entropy(core) >= keyEntropy
	}
}

// entropy of the letters, in bits each.
func entropy(s string) float64 {
	count := map[rune]int{}
	for _, r := range s {
		count[r]++
	}
	sum := 0.0
	for _, n := range count {
		p := float64(n) / float64(len(s))
		sum -= p * math.Log2(p)
	}
	return sum
}
