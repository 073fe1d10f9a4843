package trigger

import (
	"testing"
)

func val(code string) Fact        { return Fact{State: Value, Value: code} }
func pn(code string) Fact         { return Fact{State: PertinentNegative, Value: code} }
func seconds(n int) Interval      { return Interval{Seconds: n, Known: true} }
func ptr[T any](v T) *T           { return &v }
func vals(codes ...string) []Fact { return each(val, codes) }
func negs(codes ...string) []Fact { return each(pn, codes) }
func each(f func(string) Fact, codes []string) []Fact {
	var out []Fact
	for _, c := range codes {
		out = append(out, f(c))
	}
	return out
}

func codesOf(fired []Fired) []Code {
	out := []Code{}
	for _, f := range fired {
		out = append(out, f.Code)
	}
	return out
}

func find(t *testing.T, fired []Fired, code Code) Fired {
	t.Helper()
	for _, f := range fired {
		if f.Code == code {
			return f
		}
	}
	t.Fatalf("%s did not fire: %v", code, codesOf(fired))
	return Fired{}
}

const (
	critDispatch, highDispatch, lowDispatch = "2305001", "2305003", "2305005"
	critAcuity, highAcuity                  = "2813001", "2813003"
	arrestBefore, arrestAfter, noArrest     = "3001003", "3001005", "3001001"
)

// Each limit at, just below and just above: the rule fires above only.
func TestTimeLimits(t *testing.T) {
	crit := Facts{DispatchPriority: val(critDispatch)}
	critByAcuity := Facts{DispatchPriority: val(lowDispatch), InitialAcuity: val(critAcuity)}
	high := Facts{DispatchPriority: val(highDispatch)}
	highByAcuity := Facts{InitialAcuity: val(highAcuity)}
	standard := Facts{DispatchPriority: val(lowDispatch)}
	unknown := Facts{}
	arrest := Facts{CardiacArrest: val(arrestAfter)}
	criticalArrest := Facts{CardiacArrest: val(arrestBefore), DispatchPriority: val(critDispatch)}
	response := func(f *Facts, i Interval) { f.Response = i }
	scene := func(f *Facts, i Interval) { f.OnScene = i }
	for name, tc := range map[string]struct {
		facts   Facts
		set     func(*Facts, Interval)
		code    Code
		class   Class
		minutes int
	}{
		"response critical":           {crit, response, ResponseCritical, Mandatory, 10},
		"response critical by acuity": {critByAcuity, response, ResponseCritical, Mandatory, 10},
		"response high":               {high, response, ResponseHigh, Optional, 15},
		"response high by acuity":     {highByAcuity, response, ResponseHigh, Optional, 15},
		"response standard":           {standard, response, ResponseStandard, Optional, 20},
		"response, priority unknown":  {unknown, response, ResponseStandard, Optional, 20},
		"scene arrest":                {arrest, scene, SceneArrest, Mandatory, 25},
		"scene arrest beats critical": {criticalArrest, scene, SceneArrest, Mandatory, 25},
		"scene critical":              {crit, scene, SceneCritical, Mandatory, 30},
		"scene high is other":         {high, scene, SceneOther, Optional, 45},
		"scene other":                 {standard, scene, SceneOther, Optional, 45},
	} {
		t.Run(name, func(t *testing.T) {
			p := seedPolicy(t)
			timesOf := func(n int) []Fired {
				f := tc.facts
				tc.set(&f, seconds(n))
				var out []Fired
				for _, x := range Evaluate(p, f) {
					if x.Threshold != nil {
						out = append(out, x)
					}
				}
				return out
			}
			same(t, 0, len(timesOf(tc.minutes*60-1)), "just below")
			same(t, 0, len(timesOf(tc.minutes*60)), "at the limit")
			fired := timesOf(tc.minutes*60 + 1)
			same(t, []Code{tc.code}, codesOf(fired), "just above, and no other time rule")
			same(t, tc.class, fired[0].Class)
			near(t, float64(tc.minutes), *fired[0].Threshold)
			near(t, float64(tc.minutes)+0.02, *fired[0].Measured)
			same(t, "min", fired[0].Unit)
		})
	}
}

// 745 s are 12.42 min after rounding; the explanation names elements and limits.
func TestExplanationOfATime(t *testing.T) {
	f := find(t, Evaluate(seedPolicy(t), Facts{DispatchPriority: val(critDispatch), Response: seconds(745)}), ResponseCritical)
	near(t, 12.42, *f.Measured)
	same(t, "Response time 12.42 min (eTimes.03 to eTimes.06) is above the limit of 10 min for a call of critical priority.", f.Explanation)
	same(t, []string{"eTimes.03", "eTimes.06", "eDispatch.05", "eSituation.13"}, f.Elements)
}

// An arrest of 27 minutes on scene is above the arrest limit and below the critical one; one of 24 is below both.
func TestArrestIsJudgedByTheArrestLimit(t *testing.T) {
	p := seedPolicy(t)
	f := Facts{CardiacArrest: val(arrestBefore), InitialAcuity: val(critAcuity), OnScene: seconds(27 * 60)}
	same(t, []Code{Arrest, SceneArrest}, codesOf(Evaluate(p, f)))
	f.OnScene = seconds(24 * 60)
	same(t, []Code{Arrest}, codesOf(Evaluate(p, f)))
	f.OnScene = seconds(50 * 60)
	same(t, []Code{Arrest, SceneArrest}, codesOf(Evaluate(p, f)), "and by no other limit above it")
}

func TestTimesThatDoNotCount(t *testing.T) {
	p := seedPolicy(t)
	for name, f := range map[string]Facts{
		"unknown":                  {Response: Interval{Seconds: 9999}, OnScene: Interval{Seconds: 9999}},
		"negative":                 {Response: seconds(-9999), OnScene: seconds(-9999)},
		"cancelled before arrival": {Response: seconds(9999), CancelledBeforeArrival: true},
	} {
		same(t, 0, len(Evaluate(p, f)), name)
	}
}

func TestClinicalEvents(t *testing.T) {
	vitals := func(v VitalSet) []VitalSet { return []VitalSet{{}, v} }
	child := Facts{AgeYears: ptr(7), InitialAcuity: val(critAcuity)}
	for name, tc := range map[string]struct {
		facts Facts
		want  []Code
	}{
		"arrest before EMS":                 {Facts{CardiacArrest: val(arrestBefore)}, []Code{Arrest}},
		"arrest after EMS":                  {Facts{CardiacArrest: val(arrestAfter)}, []Code{Arrest}},
		"no arrest":                         {Facts{CardiacArrest: val(noArrest)}, []Code{}},
		"arrest not recorded":               {Facts{CardiacArrest: Fact{State: NotValue}}, []Code{}},
		"I46 alone is no arrest":            {Facts{PrimaryImpression: val("I46.9")}, []Code{}},
		"STEMI anterior wall":               {Facts{PrimaryImpression: val("I21.09")}, []Code{STEMI}},
		"STEMI unspecified, secondary":      {Facts{SecondaryImpressions: vals("R07.9", "I21.3")}, []Code{STEMI}},
		"NSTEMI is no STEMI":                {Facts{PrimaryImpression: val("I21.4")}, []Code{}},
		"a code that holds I21.3 later on":  {Facts{PrimaryImpression: val("ZI21.3")}, []Code{}},
		"a code that holds I63 later on":    {Facts{PrimaryImpression: val("QI63.9")}, []Code{}},
		"STEMI symptom not present":         {Facts{OtherSymptoms: negs("I21.3")}, []Code{}},
		"STEMI septal rhythm":               {Facts{Vitals: vitals(VitalSet{Rhythms: vals("9901058")})}, []Code{STEMI}},
		"STEMI protocol":                    {Facts{Protocols: vals("9914075", "9914143")}, []Code{STEMI}},
		"STEMI alert":                       {Facts{TeamActivations: vals("4224013")}, []Code{STEMI}},
		"angina with left bundle branch":    {Facts{PrimarySymptom: val("I20.9"), Vitals: vitals(VitalSet{Rhythms: vals("9901021")})}, []Code{STEMI}},
		"angina alone":                      {Facts{PrimarySymptom: val("I20.9")}, []Code{}},
		"bundle branch block alone":         {Facts{Vitals: vitals(VitalSet{Rhythms: vals("9901021")})}, []Code{}},
		"I20.8 with bundle branch block":    {Facts{PrimarySymptom: val("I20.8"), Vitals: vitals(VitalSet{Rhythms: vals("9901021")})}, []Code{}},
		"stroke impression":                 {Facts{PrimaryImpression: val("I63.9")}, []Code{Stroke}},
		"transient ischemic attack":         {Facts{PrimaryImpression: val("G45.9")}, []Code{Stroke}},
		"stroke scale positive":             {Facts{Vitals: vitals(VitalSet{StrokeResult: val("3329005")})}, []Code{Stroke}},
		"stroke scale negative":             {Facts{Vitals: vitals(VitalSet{StrokeResult: val("3329001")})}, []Code{}},
		"stroke scale refused":              {Facts{Vitals: vitals(VitalSet{StrokeResult: pn("3329005")})}, []Code{}},
		"stroke alert":                      {Facts{TeamActivations: vals("4224015")}, []Code{Stroke}},
		"sequelae I69 are no stroke":        {Facts{PrimaryImpression: val("I69.30")}, []Code{}},
		"trauma by severity":                {Facts{TraumaHighRisk: vals("2903013")}, []Code{MajorTrauma}},
		"trauma by mechanism":               {Facts{TraumaModerateRisk: vals("2904009")}, []Code{MajorTrauma}},
		"trauma alert":                      {Facts{TeamActivations: vals("4224017")}, []Code{MajorTrauma}},
		"trauma criteria none reported":     {Facts{TraumaHighRisk: negs("")}, []Code{}},
		"cardiac arrest alert is no trauma": {Facts{TeamActivations: vals("4224005")}, []Code{}},
		"critical child":                    {child, []Code{CriticalPediatric}},
		"child of 17":                       {Facts{AgeYears: ptr(17), InitialAcuity: val(critAcuity)}, []Code{CriticalPediatric}},
		"adult of 18":                       {Facts{AgeYears: ptr(18), InitialAcuity: val(critAcuity)}, []Code{}},
		"newborn, critical at release":      {Facts{AgeYears: ptr(0), FinalAcuity: val("4219001")}, []Code{CriticalPediatric}},
		"critical dispatch of a child":      {Facts{AgeYears: ptr(5), DispatchPriority: val(critDispatch)}, []Code{CriticalPediatric}},
		"arrest of a child":                 {Facts{AgeYears: ptr(5), CardiacArrest: val(arrestBefore)}, []Code{Arrest, CriticalPediatric}},
		"child that is not critical":        {Facts{AgeYears: ptr(5), InitialAcuity: val(highAcuity)}, []Code{}},
		"critical, age unknown":             {Facts{InitialAcuity: val(critAcuity)}, []Code{}},
		"critical, flagged under 18":        {Facts{Under18: ptr(true), InitialAcuity: val(critAcuity)}, []Code{CriticalPediatric}},
		"critical, flagged adult":           {Facts{Under18: ptr(false), InitialAcuity: val(critAcuity)}, []Code{}},
	} {
		t.Run(name, func(t *testing.T) {
			fired := Evaluate(seedPolicy(t), tc.facts)
			same(t, tc.want, codesOf(fired))
			for _, f := range fired {
				same(t, Mandatory, f.Class)
				holds(t, f.Measured == nil)
				holds(t, f.Threshold == nil)
				holds(t, len(f.Elements) > 0)
				holds(t, len(f.Explanation) > 0)
			}
		})
	}
}

func TestSTEMINamesWhatItSaw(t *testing.T) {
	f := find(t, Evaluate(seedPolicy(t), Facts{
		PrimaryImpression: val("I21.19"),
		Vitals:            []VitalSet{{Rhythms: vals("9901053")}, {Rhythms: vals("9901053")}},
	}), STEMI)
	same(t, "ST-elevation myocardial infarction documented or alerted: eSituation.11 I21.19, eVitals.03 9901053.", f.Explanation)
	same(t, []string{"eSituation.11", "eVitals.03"}, f.Elements)
}

func TestOptionalTriggerSwitchedOff(t *testing.T) {
	doc := edited(t, func(d map[string]any) { settingOf(d, ResponseHigh)["enabled"] = false })
	p, err := Parse(doc)
	noError(t, err)
	same(t, 0, len(Evaluate(p, Facts{DispatchPriority: val(highDispatch), Response: seconds(3600)})), "and no other response rule takes its place")
}

func TestMovedThreshold(t *testing.T) {
	doc := edited(t, func(d map[string]any) { settingOf(d, ResponseCritical)["threshold"] = 7.5 })
	p, err := Parse(doc)
	noError(t, err)
	f := Facts{DispatchPriority: val(critDispatch), Response: seconds(450)}
	same(t, 0, len(Evaluate(p, f)))
	f.Response = seconds(451)
	fired := find(t, Evaluate(p, f), ResponseCritical)
	near(t, 7.5, *fired.Threshold)
}
