package screen

import (
	"regexp"
	"strings"
	"unicode"
)

// A word for a secret, then at most a few words, then a sign or verb that hands the value over, then the value.
var (
	handed = regexp.MustCompile(`(?i)\b(pass ?words?|pass ?phrase|pass ?wd|pass|pwd?|p/w|psswd|secret( key| code)?|api[ _-]?key|access[ _-]?key|client[ _-]?secret|private[ _-]?key|encryption[ _-]?key|(access|auth|refresh|api|session|bearer|security) token|token|credentials?|creds|log[ -]?in|logon|sign[ -]?in|contraseña|passwort|mot de passe)\b` +
		`((?:\s+\(?(?:for|of|on|to|at|the|our|his|her|their|my|your|dea|cms|pecos|nppes|csos|portal|account|website|site|system|user|admin|new|old|current|temporary|temp|agency|i&a|registration|online|vault|signing|certificate|email|key|server|wifi)\)?){0,6})` +
		`(?:'s)?(\s*(?:[:=]+>?|->|=>|-{1,2}(?:\s))\s*|\s+(?:(?:has been|was|is|were|are) (?:now )?(?:set|changed|reset|updated) to|set to|changed to|reset to|is now|will be|is|was|are|now|est|es)\s*:?\s+)` +
		`(["'` + "`" + `(<\[]?)(\S+)`)
	// beside takes a value that follows the word at once: "pwd Hunter2!".
	beside = regexp.MustCompile(`(?i)\b(pass ?word|pass ?phrase|pass ?wd|pwd|p/w|psswd|secret|api[ -]?key|token|creds|credentials)\s+(["'(]?)(\S+)`)
)

// told finds passwords and keys that are handed over in words.
func told(text string) bool {
	for _, m := range handed.FindAllStringSubmatch(text, -1) {
		sign := strings.TrimSpace(strings.ToLower(m[5]))
		byMark := strings.HasPrefix(sign, ":") || strings.HasPrefix(sign, "=") || strings.HasPrefix(sign, "-")
		if secretValue(m[7], byMark || m[6] != "") {
			return true
		}
	}
	for _, m := range beside.FindAllStringSubmatch(text, -1) {
		if v := trimmed(m[3]); len(v) >= 5 && (mixed(v) || m[2] == `"` || m[2] == "'") {
			return true
		}
	}
	return false
}

// secretValue says whether a word in the place of a value is one. After a mark every word is, but those that say that there
// is none; after a verb it must look unlike prose.
func secretValue(v string, marked bool) bool {
	v = trimmed(v)
	if v == "" || masked(v) || prose[strings.ToLower(v)] {
		return false
	}
	return marked || mixed(v)
}

func trimmed(v string) string { return strings.Trim(v, `"'`+"`"+`()<>[]{}.,;`) }

// masked is a value that somebody has taken out already.
func masked(v string) bool { return strings.Trim(v, "*x•X.-_#?") == "" }

// mixed is what prose is not: digits in it, signs in it, or capitals inside.
func mixed(v string) bool {
	if strings.ContainsFunc(v, unicode.IsDigit) || strings.ContainsAny(v, "!@#$%^&*+=?~|\\_") {
		return true
	}
	for i, r := range v {
		if i > 0 && unicode.IsUpper(r) && strings.ContainsFunc(v, unicode.IsLower) {
			return true
		}
	}
	return strings.Count(v, "-") > 1
}

// prose are words that stand after "password is" or "password:" when no password does.
var prose = words(`not never no none na n/a nil null unknown required needed kept held stored managed changed reset expired expiring due rotated
 removed redacted withheld confidential private sealed safe secure secured shared by in on at with the a an to for and or was were is are been being
 only always still also already now then when if under per see ask contact call refer known forgotten lost blank empty pending deleted locked
 unlocked disabled enabled working failing handled maintained owned controlled protected restricted subject their his her our your my its this that
 these those policy must should shall may can could will would do does did have has had of from who what where which compromised updated
 available unavailable issued revoked invalid accepted rejected sent given assigned responsible separate elsewhere
 offline outside inside through via as it they he she we you nobody somebody someone anyone everybody verified confirmed reviewed documented`)

func words(s string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(s) {
		out[w] = true
	}
	return out
}

// A name of an account with a value behind a stroke or colon: "jdoe / Winter2026".
var account = regexp.MustCompile(`(?i)\b(?:user ?name|user ?id|user|login|logon|uid|account|acct|log in|sign in|creds|credentials|admin|root)\b[^\n]{0,40}?\s*[/:|,;]\s*["']?(\S+)`)

func paired(text string) bool {
	for _, m := range account.FindAllStringSubmatch(text, -1) {
		v := trimmed(m[1])
		if len(v) >= 6 && strings.ContainsFunc(v, unicode.IsDigit) && strings.ContainsFunc(v, unicode.IsLetter) && !reference(v) &&
			(strings.ContainsFunc(v, unicode.IsLower) || strings.ContainsAny(v, "!@#$%^&*")) {
			return true
		}
	}
	return false
}

// A word for a code, and digits (or a group of letters and digits) near it.
var (
	codeBefore = regexp.MustCompile(`(?i)\b(?:pin(?: code| number)?|pass ?code|otp|totp|2fa|mfa|one[ -]?time (?:code|password|passcode|pin)|(?:verification|security|auth(?:entication|orization)?|access|login|log-in|sign-in|sms|text|confirmation|recovery|backup|unlock|reset|authenticator|activation|temporary|door|safe|gate|vault|alarm|keypad|lock) (?:code|pin|combination|combo)s?|cvv|combination|combo)\b` +
		`[^\n.;]{0,40}?[\s:=#"'(-]((?:\d[\s-]?){3,9}\d|[a-z0-9]{4,6}-[a-z0-9]{4,6}(?:-[a-z0-9]{4,6})*|[a-z0-9]*\d[a-z0-9]*[a-z][a-z0-9]*)\b`)
	codeAfter = regexp.MustCompile(`(?i)(?:^|[\s"'(])(\d{4,8}|\d{3}[ -]\d{3})["')]?\s+(?:is|was|as)\s+(?:\w+'?s?\s+){0,5}(?:pin|pass ?code|otp|code|2fa|mfa)\b`)
	dateLike  = regexp.MustCompile(`^(?:(?:19|20)\d\d(?:-\d\d){0,2}|\d{1,2}/\d{1,2}/\d{2,4})$`)
)

func coded(text string) bool {
	for _, m := range codeBefore.FindAllStringSubmatch(text, -1) {
		v := strings.TrimSpace(m[1])
		if !dateLike.MatchString(strings.TrimSuffix(v, "-")) && strings.ContainsAny(v, "0123456789") {
			return true
		}
	}
	for _, m := range codeAfter.FindAllStringSubmatch(text, -1) {
		if !dateLike.MatchString(m[1]) {
			return true
		}
	}
	return false
}

// A question that accounts ask, and its answer.
var asked = regexp.MustCompile(`(?i)(?:security (?:question|answer|word|phrase)s?|secret (?:question|answer|word)s?|challenge (?:question|answer|response|phrase)s?|mother'?s? maiden name|maiden name of (?:his|her|my|the|their) mother|(?:name of )?(?:(?:my|his|her|your|their|the) )?(?:first|childhood|favou?rite) (?:pet|car|school|teacher|street|friend|nickname|job|concert|color|colour|team|movie|book)(?:'s name)?|(?:city|town|place) (?:of birth|(?:he|she|i|you) (?:was|were) born(?: in)?)|recovery (?:phrase|word)s?|seed phrase)` +
	`[^\n.;:=?]{0,30}(?:[:=?]+|->|\bis\b|\bwas\b|\bare\b|,|\s-)\s*["'(]?(\S+)`)

func answered(text string) bool {
	for _, m := range asked.FindAllStringSubmatch(text, -1) {
		if v := trimmed(m[1]); v != "" && !masked(v) && !prose[strings.ToLower(v)] {
			return true
		}
	}
	return false
}
