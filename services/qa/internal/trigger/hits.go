package trigger

import (
	"slices"
	"strings"
)

// hits collects which element satisfied a definition, each once.
type hits struct {
	found    []string
	elements []string
}

func (h *hits) codes(element string, set []string, facts ...Fact) {
	h.matching(element, func(code string) bool { return slices.Contains(set, code) }, facts...)
}

// prefixes matches ICD-10-CM codes and all their subcodes. Every prefix is held against the start of the code: the official
// case definitions write ^(A)|(B), which anchors the first alternative only.
func (h *hits) prefixes(element string, set []string, facts ...Fact) {
	h.matching(element, func(code string) bool {
		return slices.ContainsFunc(set, func(p string) bool { return strings.HasPrefix(code, p) })
	}, facts...)
}

func (h *hits) matching(element string, match func(code string) bool, facts ...Fact) {
	for _, f := range facts {
		if !f.Known() || !match(f.Value) {
			continue
		}
		if hit := element + " " + f.Value; !slices.Contains(h.found, hit) {
			h.found = append(h.found, hit)
		}
		if !slices.Contains(h.elements, element) {
			h.elements = append(h.elements, element)
		}
	}
}

// conditions matches all symptoms and impressions. A symptom with the pertinent negative "not present" is not known.
func (h *hits) conditions(c *call, by func(element string, set []string, facts ...Fact), set []string) {
	by("eSituation.09", set, c.PrimarySymptom)
	by("eSituation.10", set, c.OtherSymptoms...)
	by("eSituation.11", set, c.PrimaryImpression)
	by("eSituation.12", set, c.SecondaryImpressions...)
}

func (h *hits) any() bool { return len(h.found) > 0 }

func (h *hits) finding(what string) (finding, bool) {
	return finding{explanation: what + ": " + strings.Join(h.found, ", ") + ".", elements: h.elements}, h.any()
}
