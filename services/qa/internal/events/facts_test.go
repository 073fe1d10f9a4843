package events

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/qa/internal/trigger"
)

func value(v string) *clinicalv1.Fact {
	return &clinicalv1.Fact{State: clinicalv1.Fact_STATE_VALUE, Value: v}
}

func TestStatesOfAFact(t *testing.T) {
	for state, want := range map[clinicalv1.Fact_State]trigger.State{
		clinicalv1.Fact_STATE_VALUE: trigger.Value, clinicalv1.Fact_STATE_NOT_VALUE: trigger.NotValue,
		clinicalv1.Fact_STATE_PERTINENT_NEGATIVE: trigger.PertinentNegative, clinicalv1.Fact_STATE_ABSENT: trigger.Absent,
		clinicalv1.Fact_STATE_UNSPECIFIED: trigger.Absent,
	} {
		if got := fact(&clinicalv1.Fact{State: state}); got.State != want {
			t.Errorf("%s became %d, want %d", state, got.State, want)
		}
	}
	if fact(nil) != (trigger.Fact{}) {
		t.Error("no fact became one")
	}
}

func TestIntervalNeedsItsOwnTimes(t *testing.T) {
	times := map[string]*clinicalv1.Fact{"eTimes.06": value("a"), "eTimes.09": value("b")}
	lacking := map[string]*clinicalv1.Fact{"eTimes.06": value("a"), "eTimes.09": {State: clinicalv1.Fact_STATE_NOT_VALUE}}
	for name, tc := range map[string]struct {
		times map[string]*clinicalv1.Fact
		i     *clinicalv1.Interval
		known bool
	}{
		"both times":               {times, &clinicalv1.Interval{Seconds: proto.Int32(60)}, true},
		"zero is a length":         {times, &clinicalv1.Interval{Seconds: proto.Int32(0)}, true},
		"no length":                {times, &clinicalv1.Interval{}, false},
		"invalid":                  {times, &clinicalv1.Interval{Seconds: proto.Int32(60), Invalid: true}, false},
		"closed with another time": {lacking, &clinicalv1.Interval{Seconds: proto.Int32(60)}, false},
		"no times":                 {nil, &clinicalv1.Interval{Seconds: proto.Int32(60)}, false},
		"nothing":                  {times, nil, false},
	} {
		f := factsOf(&clinicalv1.ChartFacts{Times: tc.times, Intervals: &clinicalv1.Intervals{OnScene: tc.i}})
		if f.OnScene.Known != tc.known {
			t.Errorf("%s: known %v", name, f.OnScene.Known)
		}
	}
}

// Every fact of the contract that holds the value of its own path must arrive: a field that is mapped from the wrong place
// or forgotten changes the outcome of the rules.
func TestEveryMappedFieldArrives(t *testing.T) {
	in := &clinicalv1.ChartFacts{}
	fillFacts(in.ProtoReflect(), "")
	got := factsOf(in)
	for want, f := range map[string]trigger.Fact{
		"response.dispatch_priority": got.DispatchPriority, "patient.initial_acuity": got.InitialAcuity,
		"patient.final_acuity": got.FinalAcuity, "situation.primary_symptom": got.PrimarySymptom,
		"situation.other_symptoms": got.OtherSymptoms[0], "situation.primary_impression": got.PrimaryImpression,
		"situation.secondary_impressions": got.SecondaryImpressions[0], "situation.trauma_high_risk": got.TraumaHighRisk[0],
		"situation.trauma_moderate_risk": got.TraumaModerateRisk[0], "arrest.cardiac_arrest": got.CardiacArrest,
		"protocols": got.Protocols[0], "disposition.care": got.CareDisposition, "disposition.crew": got.CrewDisposition,
		"disposition.transport": got.TransportDisposition, "disposition.team_activations": got.TeamActivations[0],
		"disposition.incident_v34": got.IncidentDispositionV34, "vitals.prior_to_care": got.Vitals[0].PriorToCare,
		"vitals.rhythms": got.Vitals[0].Rhythms[0], "vitals.stroke_result": got.Vitals[0].StrokeResult,
		"vitals.systolic": got.Vitals[0].Measurements[0], "vitals.pain": got.Vitals[0].Measurements[9],
		"medications.code": got.Medications[0].Code, "medications.time": got.Medications[0].Time,
		"medications.route": got.Medications[0].Route, "medications.dose": got.Medications[0].Dose,
		"medications.dose_unit": got.Medications[0].DoseUnit, "medications.crew_id": got.Medications[0].CrewID,
		"signatures.signer": got.Signatures[0].Signer, "signatures.reasons": got.Signatures[0].Reasons[0],
		"signatures.status": got.Signatures[0].Status,
	} {
		if !f.Known() || f.Value != want {
			t.Errorf("%s arrived as %+v", want, f)
		}
	}
	if !got.Response.Known || !got.OnScene.Known || !got.CancelledBeforeArrival || !got.TransportedV34 || !got.RefusedV34 ||
		!got.Medications[0].Given || got.AgeYears == nil || got.Under18 == nil || !*got.Under18 {
		t.Errorf("a flag or number did not arrive: %+v", got)
	}
}

// fillFacts sets every fact to a value that is its path, every flag to true, every number to 7.
func fillFacts(m protoreflect.Message, path string) {
	if f, ok := m.Interface().(*clinicalv1.Fact); ok {
		f.State, f.Value = clinicalv1.Fact_STATE_VALUE, path
		return
	}
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		fd := fields.Get(i)
		name := string(fd.Name())
		if path != "" {
			name = path + "." + name
		}
		switch {
		case fd.IsMap():
			for _, key := range []string{"eTimes.03", "eTimes.06", "eTimes.09"} {
				v := m.NewField(fd).Map().NewValue()
				fillFacts(v.Message(), name)
				m.Mutable(fd).Map().Set(protoreflect.ValueOfString(key).MapKey(), v)
			}
		case fd.IsList():
			fillFacts(m.Mutable(fd).List().AppendMutable().Message(), name)
		case fd.Kind() == protoreflect.MessageKind:
			fillFacts(m.Mutable(fd).Message(), name)
		case fd.Kind() == protoreflect.BoolKind && name != "intervals.response.invalid" && name != "intervals.on_scene.invalid":
			m.Set(fd, protoreflect.ValueOfBool(true))
		case fd.Kind() == protoreflect.Int32Kind:
			m.Set(fd, protoreflect.ValueOfInt32(7))
		}
	}
}
