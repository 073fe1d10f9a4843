package democharts

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"time"
)

// Agency is one agency that the charts are for.
type Agency struct {
	UniqueID string `json:"uniqueId"` // dAgency.01
	Number   string `json:"number"`   // dAgency.02 and eResponse.01
	State    string `json:"state"`    // dAgency.04, ANSI state code, two digits
	County   string `json:"county"`   // ANSI county code, five digits, starting with the state
	ZIP      string `json:"zip"`      // of the scenes, five digits
	// Crew are the people on the charts, taken in turn in pairs; at least two,
	// and one of each pair a paramedic.
	Crew []Medic `json:"crew"`
	// Units are call signs; at least one.
	Units []string `json:"units"`
}

// Medic is one crew member.
type Medic struct {
	ID    string `json:"id"`    // eCrew.01
	Level string `json:"level"` // eCrew.02
}

// Levels of crew members (eCrew.02).
const (
	EMT       = "9925005"
	Paramedic = "9925007"
)

// Config says what charts to make.
type Config struct {
	Seed uint64
	// Base is the day the newest chart lies before; the others lie in the three
	// weeks before that, so that reports over recent weeks have data.
	Base     time.Time
	Agencies []Agency
}

// Document is one chart.
type Document struct {
	Name           string `json:"name"` // file name, "4701-arrest-rosc.xml"
	Scenario       string `json:"scenario"`
	AgencyIndex    int    `json:"agencyIndex"`
	PCRNumber      string `json:"pcrNumber"`
	IncidentNumber string `json:"incidentNumber"`
	XML            []byte `json:"-"`
	Expect         Expect `json:"expect"`
}

// Expect is what the fleet should conclude from a chart.
type Expect struct {
	// Triggers are the quality review triggers that fire, and no others of the
	// first release do.
	Triggers []string `json:"triggers"`
	// LevelOfService is the HCPCS code of the base rate; empty when the call is
	// not billed, and when payers differ about it.
	LevelOfService string `json:"levelOfService,omitempty"`
	// Modifiers are origin and destination, "RH".
	Modifiers string `json:"modifiers,omitempty"`
	// NoBill is why there is nothing to bill.
	NoBill string `json:"noBill,omitempty"`
}

// Reasons in Expect.NoBill.
const (
	Cancelled = "CANCELLED"
	Refused   = "PATIENT_REFUSED"
)

// Generate makes the charts of all scenarios for all agencies.
func Generate(cfg Config) ([]Document, error) {
	var docs []Document
	for a := range cfg.Agencies {
		agency := &cfg.Agencies[a]
		if len(agency.Crew) < 2 || len(agency.Units) == 0 {
			return nil, fmt.Errorf("democharts: agency %s needs two crew members and a unit", agency.Number)
		}
		for i, s := range scenarios() {
			c := newCall(cfg, a, i, s.name)
			s.build(c)
			xml, err := c.document()
			if err != nil {
				return nil, fmt.Errorf("democharts: %s: %w", s.name, err)
			}
			docs = append(docs, Document{
				Name:           fmt.Sprintf("%s-%s.xml", slug(agency.Number), s.name),
				Scenario:       s.name,
				AgencyIndex:    a,
				PCRNumber:      c.pcr,
				IncidentNumber: c.incident,
				XML:            xml,
				Expect:         s.expect,
			})
		}
	}
	return docs, nil
}

// slug keeps what is safe in a file name.
func slug(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		}
		return '-'
	}, s)
}

// randomFor gives each chart its own numbers, so that adding a scenario does
// not change the charts of the others.
func randomFor(seed uint64, agency, scenario string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(agency + "\x00" + scenario))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// uuid is a version 4 UUID from r.
func uuid(r *rand.Rand) string {
	hi, lo := r.Uint64(), r.Uint64()
	hi = hi&^0xf000 | 0x4000
	lo = lo&^(0xc000<<48) | 0x8000<<48
	return fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", hi>>32, hi>>16&0xffff, hi&0xffff, lo>>48, lo&0xffffffffffff)
}
