package trigger

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
)

const rounds = 4000

type generator struct{ *rand.Rand }

func (g generator) fact(codes ...string) Fact {
	f := Fact{State: State(g.IntN(4))}
	if f.State == Value || f.State == PertinentNegative && g.IntN(2) == 0 {
		f.Value = codes[g.IntN(len(codes))]
	}
	return f
}

func (g generator) list(codes ...string) []Fact {
	var out []Fact
	for range g.IntN(3) {
		out = append(out, g.fact(codes...))
	}
	return out
}

func (g generator) facts() Facts {
	f := Facts{
		Response:               Interval{Seconds: g.IntN(7200) - 600, Known: g.IntN(2) == 0},
		OnScene:                Interval{Seconds: g.IntN(7200) - 600, Known: g.IntN(2) == 0},
		CancelledBeforeArrival: g.IntN(4) == 0,
		DispatchPriority:       g.fact(critDispatch, highDispatch, lowDispatch),
		InitialAcuity:          g.fact(critAcuity, highAcuity),
		FinalAcuity:            g.fact("4219001", "4219005"),
		PrimarySymptom:         g.fact("I20.9", "R07.9"),
		OtherSymptoms:          g.list("I21.3", "R10.9"),
		PrimaryImpression:      g.fact("I21.3", "I63.9", "R07.9"),
		TraumaHighRisk:         g.list("2903013"),
		CardiacArrest:          g.fact(arrestBefore, noArrest),
		Protocols:              g.list("9914143", "9914145", "9914075"),
		CareDisposition:        g.fact("4228001", "4228003"),
		TransportDisposition:   g.fact("4230001", "4230009", "4230013"),
		TeamActivations:        g.list("4224001", "4224013", "4224017"),
		Medications:            []Medication{{Given: g.IntN(2) == 0, Code: g.fact("4337", "1191"), Dose: g.fact("5")}},
		Signatures:             []Signature{{Signer: g.fact(patient, medic), Reasons: g.list(refuseCare, "4513011"), Status: g.fact(signed)}},
		Vitals:                 []VitalSet{{PriorToCare: g.fact(priorYes, "9923001"), Rhythms: g.list("9901058"), Measurements: g.list("90")}},
	}
	if g.IntN(2) == 0 {
		f.AgeYears = ptr(g.IntN(90))
	}
	return f
}

func TestProperties(t *testing.T) {
	p := seedPolicy(t)
	g := generator{rand.New(rand.NewPCG(1, 2))}
	seen := map[Code]int{}
	for range rounds {
		f := g.facts()
		before, err := json.Marshal(f)
		noError(t, err)
		fired := Evaluate(p, f)
		same(t, fired, Evaluate(p, f), "the same facts give the same answer")
		after, err := json.Marshal(f)
		noError(t, err)
		same(t, before, after, "facts are not changed")

		response, scene := 0, 0
		for _, x := range fired {
			seen[x.Code]++
			holds(t, len(x.Elements) > 0, x.Code)
			same(t, x.Measured == nil, x.Threshold == nil, x.Code)
			if x.Measured != nil {
				holds(t, *x.Measured > *x.Threshold, x.Code)
			}
			switch x.Code {
			case ResponseCritical, ResponseHigh, ResponseStandard:
				response++
				holds(t, f.Response.Known && !f.CancelledBeforeArrival)
			case SceneArrest, SceneCritical, SceneOther:
				scene++
				holds(t, f.OnScene.Known)
			case RefusalSignature:
				holds(t, slices.Contains(codesOf(fired), Refusal))
			}
		}
		holds(t, response <= 1, "one response rule")
		holds(t, scene <= 1, "one scene rule")
	}
	for _, r := range catalogue {
		holds(t, seen[r.code] > 0, "%s never fired: the property was not tested for it", r.code)
	}
}

// Taking every value away, in each of the other three states, leaves nothing that fires.
func TestNothingKnownNothingFired(t *testing.T) {
	p := seedPolicy(t)
	same(t, 0, len(Evaluate(p, Facts{})))
	for _, state := range []State{Absent, NotValue, PertinentNegative} {
		u := func(code string) Fact { return Fact{State: state, Value: code} }
		same(t, 0, len(Evaluate(p, Facts{
			DispatchPriority: u(critDispatch), InitialAcuity: u(critAcuity), FinalAcuity: u("4219001"), AgeYears: ptr(3),
			PrimarySymptom: u("I20.9"), OtherSymptoms: []Fact{u("I21.3")}, PrimaryImpression: u("I63.9"),
			SecondaryImpressions: []Fact{u("G45.9")}, TraumaHighRisk: []Fact{u("2903013")}, TraumaModerateRisk: []Fact{u("2904009")},
			CardiacArrest: u(arrestBefore), Protocols: []Fact{u("9914143")}, CareDisposition: u("4228003"),
			CrewDisposition: u("4229013"), TransportDisposition: u("4230009"), TeamActivations: []Fact{u("4224013")},
			Vitals:      []VitalSet{{Rhythms: []Fact{u("9901058")}, StrokeResult: u("3329005")}},
			Medications: []Medication{{Given: true, Code: u("4337")}},
		})), "state %d", state)
	}
}
