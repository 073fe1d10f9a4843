package screen

import (
	"encoding/json"
	"regexp"
	"strings"
	"unicode"

	"github.com/fusionems/quantum/pkg/errs"
)

// ReasonRefused is the reason of text that holds a credential.
const ReasonRefused = "CREDENTIAL_REFUSED"

// Finding is what a text seems to hold; the empty one is nothing.
type Finding string

// Findings.
const (
	Key      Finding = "key"
	Password Finding = "password"
	Code     Finding = "one-time code or PIN"
	Answer   Finding = "security answer"
)

// Text refuses a field whose text seems to hold a credential. The text itself is never repeated.
func Text(field, text string) error {
	found := Find(text)
	if found == "" {
		return nil
	}
	return errs.New(errs.Invalid, ReasonRefused,
		"the text seems to hold a "+string(found)+"; credentials of DEA, CMS or anybody are never stored here. Take it out; refer to the person who keeps it instead",
		errs.WithFields(errs.Field{Field: field, Rule: "credential.none", Message: "text without passwords, one-time codes, keys or security answers"}))
}

// JSON refuses a document if any text in it, a name or a value at whatever depth, seems to hold a credential.
func JSON(field string, document []byte) error {
	var v any
	if err := json.Unmarshal(document, &v); err != nil {
		return errs.New(errs.Invalid, ReasonRefused, "the document is not JSON",
			errs.WithFields(errs.Field{Field: field, Rule: "json.syntax", Message: "a JSON document"}))
	}
	return value(field, v)
}

func value(field string, v any) error {
	switch v := v.(type) {
	case string:
		return Text(field, v)
	case []any:
		for _, e := range v {
			if err := value(field, e); err != nil {
				return err
			}
		}
	case map[string]any:
		for name, e := range v {
			if err := value(field, e); err != nil {
				return err
			}
			// A name and its value are read together: {"password": "…"} is a secret in two halves.
			if s, ok := e.(string); ok {
				if err := Text(field, spaced(name)+": "+s); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// spaced writes apiKey and api_key as "api key".
func spaced(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return strings.ReplaceAll(b.String(), "_", " ")
}

// Find says what a text seems to hold.
func Find(text string) Finding {
	text = plain(text)
	switch {
	case issued.MatchString(text):
		return Key
	case answered(text):
		return Answer
	case coded(text):
		return Code
	case told(text), paired(text):
		return Password
	default:
		return strange(text)
	}
}

// plain undoes what hides a secret from a pattern: wide and invisible letters, typographic quotes.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 0xFF01 && r <= 0xFF5E:
			return r - 0xFEE0
		case r == '\u2018' || r == '\u2019':
			return '\''
		case r == '\u201c' || r == '\u201d':
			return '"'
		case r == '\u00a0':
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
}

// issued are forms that only keys have.
var issued = regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY|\b(AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_\w{20,}` +
	`|\bxox[abprs]-[\w-]{10,}|\b[spr]k_(live|test)_\w{10,}|\bAIza[\w-]{30,}|\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*|\bSG\.[\w-]{16,}\.[\w-]{16,}` +
	`|\bglpat-[\w-]{16,}|\bhvs\.[\w-]{16,}|\bsk-[\w-]{20,}|otpauth://|\b[a-z][a-z0-9+]*://[^\s/:@]+:[^\s/@]+@|(?i)\b(bearer|basic)\s+[a-z0-9._~+/-]{16,}=*`)
