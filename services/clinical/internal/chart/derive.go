package chart

import "time"

// Codes that every reader of a chart needs. Source: NEMSIS 3.5.1 dictionary.
const (
	yes = "9923003"
)

var (
	emergencyServices = []string{"2205001", "2205003", "2205009"}
	transferServices  = []string{"2205005", "2205007", "2205015", "2205017", "2205019"}
	transported       = []string{"4230001", "4230003", "4230007"}
	refusedCare       = []string{"4228003", "4228007"}
	arrested          = []string{"3001003", "3001005"}
)

const (
	refusedTransport     = "4230009"
	refusedSupport       = "4229013"
	cancelledBeforeScene = "4227005"
)

// years per age unit of ePatient.16.
var yearsPerUnit = map[string]float64{
	"2516009": 1,
	"2516007": 1.0 / 12,
	"2516001": 1 / 365.25,
	"2516003": 1 / (365.25 * 24),
	"2516005": 1 / (365.25 * 24 * 60),
}

func derive(f *Facts) Derived {
	d := Derived{
		Emergency:              Is(f.Response.ServiceType, emergencyServices...),
		Interfacility:          Is(f.Response.ServiceType, transferServices...),
		Transport:              Is(f.Disposition.Transport, transported...),
		CancelledBeforeArrival: cancelledBeforeArrival(f),
		Arrest:                 Is(f.Arrest.CardiacArrest, arrested...),
	}
	d.Refusal = Is(f.Disposition.Care, refusedCare...) ||
		Is(f.Disposition.Transport, refusedTransport) || Is(f.Disposition.Crew, refusedSupport)
	if age, ok := f.Patient.Age.Get(); ok {
		if unit, ok := f.Patient.AgeUnits.Get(); ok && yearsPerUnit[unit] > 0 {
			years := float64(age) * yearsPerUnit[unit]
			pediatric := years < 18
			d.AgeYears, d.Pediatric = &years, &pediatric
		}
	}
	from, ok1 := f.Response.OdometerScene.Get()
	to, ok2 := f.Response.OdometerDestination.Get()
	if ok1 && ok2 && to >= from {
		loaded := to - from
		d.LoadedMiles = &loaded
	}
	return d
}

// cancelledBeforeArrival: said so, or cancelled at a time without ever having
// arrived on scene.
func cancelledBeforeArrival(f *Facts) bool {
	if Is(f.Disposition.Unit, cancelledBeforeScene) {
		return true
	}
	_, cancelled := f.Times.Canceled.Get()
	_, arrived := f.Times.ArrivedScene.Get()
	return cancelled && !arrived
}

// longest is the longest interval that is believed.
const longest = 24 * time.Hour

// between is the interval from one time to another.
func between(from, to Time) Interval {
	a, ok1 := from.Get()
	b, ok2 := to.Get()
	if !ok1 || !ok2 {
		return Interval{}
	}
	d := b.Sub(a)
	if d < 0 || d > longest {
		return Interval{State: Invalid}
	}
	return Interval{State: Known, Duration: d}
}

func intervals(f *Facts) Intervals {
	t := &f.Times
	cancelled := cancelledBeforeArrival(f)
	// Without a transport many crews leave .09 empty; the unit is then on scene
	// until it is back in service.
	end := t.LeftScene
	if end.State != Valued && !Is(f.Disposition.Transport, transported...) {
		end = t.BackInService
	}
	done := t.BackInService
	if _, ok := t.Canceled.Get(); ok && cancelled {
		done = t.Canceled
	}
	var i Intervals
	list := []struct {
		name       string
		at         *Interval
		from, to   Time
		needsScene bool // no such interval when cancelled before arrival
	}{
		{"callProcessing", &i.CallProcessing, t.PSAPCall, t.UnitNotified, false},
		{"turnout", &i.Turnout, t.UnitNotified, t.EnRoute, false},
		{"travel", &i.Travel, t.EnRoute, t.ArrivedScene, true},
		{"response", &i.Response, t.UnitNotified, t.ArrivedScene, true},
		{"systemResponse", &i.SystemResponse, t.PSAPCall, t.ArrivedScene, true},
		{"patientAccess", &i.PatientAccess, t.ArrivedScene, t.ArrivedPatient, true},
		{"scene", &i.Scene, t.ArrivedScene, end, true},
		{"patientScene", &i.PatientScene, t.ArrivedPatient, t.LeftScene, true},
		{"transport", &i.Transport, t.LeftScene, t.ArrivedDestination, true},
		{"offload", &i.Offload, t.ArrivedDestination, t.DestinationTransfer, true},
		{"turnaround", &i.Turnaround, t.ArrivedDestination, t.BackInService, true},
		{"task", &i.Task, t.UnitNotified, done, false},
	}
	for _, x := range list {
		if cancelled && x.needsScene {
			x.at.State = Excluded
			continue
		}
		*x.at = between(x.from, x.to)
		if x.at.State == Invalid {
			i.QualityFlags = append(i.QualityFlags, x.name)
		}
	}
	from, ok1 := f.Response.OdometerScene.Get()
	to, ok2 := f.Response.OdometerDestination.Get()
	if ok1 && ok2 && to < from {
		i.QualityFlags = append(i.QualityFlags, "loadedMiles")
	}
	return i
}
