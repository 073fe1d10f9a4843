package democharts

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
)

// call is a chart being made. Its embedded block holds what the report says.
type call struct {
	*block
	agency   *Agency
	random   *rand.Rand
	uuid     string
	pcr      string
	incident string
	notified time.Time // eTimes.03; minutes of a scenario count from here
	crew     [2]Medic
	empty    map[structure.ID]bool // sections that do not apply
}

// central is the offset of all demo charts: they say it in every time.
var central = time.FixedZone("", -6*3600)

func newCall(cfg Config, agency, number int, scenario string) *call {
	a := &cfg.Agencies[agency]
	r := randomFor(cfg.Seed, a.Number, scenario)
	y, m, d := cfg.Base.In(central).Date()
	day := time.Date(y, m, d-1-number*20/len(scenarios()), 6+r.IntN(16), r.IntN(60), r.IntN(60), 0, central)
	c := &call{
		block: newBlock(), agency: a, random: r, uuid: uuid(r), notified: day,
		incident: fmt.Sprintf("%s-%s-%03d", a.Number, day.Format("060102"), number+1),
		empty:    map[structure.ID]bool{},
	}
	c.pcr = "PCR-" + c.incident
	n := len(a.Crew)
	c.crew = [2]Medic{a.Crew[2*number%n], a.Crew[(2*number+1)%n]}
	// The one with the higher level is the primary caregiver.
	if c.crew[1].Level == Paramedic && c.crew[0].Level != Paramedic {
		c.crew[0], c.crew[1] = c.crew[1], c.crew[0]
	}
	c.record(a.Units[number%len(a.Units)])
	return c
}

// record fills in what every chart has.
func (c *call) record(unit string) {
	c.set(structure.ERecord01, c.pcr)
	c.set(structure.ERecord02, "FusionEMS")
	c.set(structure.ERecord03, "Quantum demo charts")
	c.set(structure.ERecord04, "1")
	c.set(structure.EResponse01, c.agency.Number)
	c.set(structure.EResponse03, c.incident)
	c.set(structure.EResponse04, c.incident+"-1")
	c.set(structure.EResponse08, "2208013") // no delays
	c.set(structure.EResponse09, "2209011")
	c.set(structure.EResponse10, "2210017")
	c.set(structure.EResponse11, "2211011")
	c.set(structure.EResponse12, "2212015")
	c.set(structure.EResponse13, "V-"+unit)
	c.set(structure.EResponse14, unit)
	lead := c.group(structure.ECrewCrewGroup)
	lead.set(structure.ECrew01, c.crew[0].ID).set(structure.ECrew02, c.crew[0].Level).set(structure.ECrew03, "2403011", "2403013")
	driver := c.group(structure.ECrewCrewGroup)
	driver.set(structure.ECrew01, c.crew[1].ID).set(structure.ECrew02, c.crew[1].Level).set(structure.ECrew03, "2403001", "2403003")
	c.set(structure.EScene18, c.agency.State)
	c.set(structure.EScene21, c.agency.County)
	c.set(structure.EScene19, c.agency.ZIP)
	c.set(structure.EScene22, "US")
	c.set(structure.EOther08, c.crew[0].ID)
}

// at is a time so many minutes after the unit was notified.
func (c *call) at(minutes float64) string {
	return c.notified.Add(time.Duration(minutes * float64(time.Minute))).Format("2006-01-02T15:04:05-07:00")
}

// request says what was asked for and how the unit went there.
type request struct {
	service, capability, complaint, priority string
	lights                                   bool
}

func (c *call) requested(q request) {
	c.set(structure.EResponse05, q.service)
	c.set(structure.EResponse07, q.capability)
	// The mode says whether the response was immediate, which a 911 call gets also without lights; it decides whether the
	// call is billed as an emergency.
	mode, descriptor := "2223005", "2224019"
	if q.service == emergency {
		mode = "2223001"
	}
	if q.lights {
		descriptor = "2224015"
	}
	c.set(structure.EResponse23, mode)
	c.set(structure.EResponse24, descriptor)
	c.set(structure.EDispatch01, q.complaint)
	c.set(structure.EDispatch02, "2302003")
	c.set(structure.EDispatch05, q.priority)
}

// course is the course of a call in minutes after notification; zero is not
// reached.
type course struct{ scene, patient, left, destination, transfer, service float64 }

func (c *call) timed(t course) {
	c.set(structure.ETimes01, c.at(-1.5))
	c.set(structure.ETimes02, c.at(-0.5))
	c.set(structure.ETimes03, c.at(0))
	c.set(structure.ETimes05, c.at(1))
	for _, x := range []struct {
		id      structure.ID
		minutes float64
	}{
		{structure.ETimes06, t.scene}, {structure.ETimes07, t.patient}, {structure.ETimes09, t.left},
		{structure.ETimes11, t.destination}, {structure.ETimes12, t.transfer},
	} {
		if x.minutes > 0 {
			c.set(x.id, c.at(x.minutes))
		} else {
			c.notValue(x.id, notApplicable)
		}
	}
	c.set(structure.ETimes13, c.at(t.service))
}

// person is the invented patient.
type person struct {
	age  int
	unit string // ePatient.16, years if empty
	sex  string
}

const (
	female = "9919001"
	male   = "9919003"
	years  = "2516009"
	months = "2516007"
)

var givenNames = []string{"Alpha", "Bravo", "Delta", "Echo", "Foxtrot", "Golf", "Kilo", "Lima", "Oscar", "Sierra", "Tango", "Victor"}

func (c *call) patient(p person) {
	if p.unit == "" {
		p.unit = years
	}
	born := c.notified.AddDate(-p.age, -3, 0)
	if p.unit == months {
		born = c.notified.AddDate(0, -p.age, -7)
	}
	c.set(structure.EPatient02, "Demopatient")
	c.set(structure.EPatient03, givenNames[c.random.IntN(len(givenNames))])
	c.set(structure.EPatient05, fmt.Sprintf("%d Example Street", 100+c.random.IntN(900)))
	c.set(structure.EPatient07, c.agency.County)
	c.set(structure.EPatient08, c.agency.State)
	c.set(structure.EPatient09, c.agency.ZIP)
	c.set(structure.EPatient10, "US")
	c.set(structure.EPatient15, strconv.Itoa(p.age))
	c.set(structure.EPatient16, p.unit)
	c.set(structure.EPatient17, born.Format("2006-01-02"))
	c.set(structure.EPatient25, p.sex)
	c.set(structure.EHistory01, "3101009")
	c.negative(structure.EHistory17, "8801015", "")
}

// scene says where the patient was.
func (c *call) scene(place string) {
	c.set(structure.EScene01, "9923003")
	c.set(structure.EScene06, "2707005")
	c.set(structure.EScene07, "9923001")
	c.notValue(structure.EScene08, notApplicable)
	c.set(structure.EScene09, place)
	c.set(structure.EScene15, fmt.Sprintf("%d Sample Road", 100+c.random.IntN(900)))
}

// condition is what was the matter.
type condition struct {
	symptom, impression, acuity, final string
	others                             []string
	injury                             bool
	cause                              string
}

func (c *call) suffers(x condition) {
	c.set(structure.ESituation01, c.at(-12))
	c.set(structure.ESituation09, x.symptom)
	c.set(structure.ESituation11, x.impression)
	c.set(structure.ESituation12, x.others...)
	c.set(structure.ESituation13, x.acuity)
	c.notValue(structure.ESituation20, notApplicable)
	if x.injury {
		c.set(structure.ESituation02, "9922005")
		c.set(structure.EInjury01, x.cause)
	} else {
		c.set(structure.ESituation02, "9922001")
		c.empty[structure.EInjury] = true
	}
	c.set(structure.EDisposition19, x.final)
}

// narrative gives the chart a text of the given sense that is long enough.
func (c *call) narrative(text string) {
	c.set(structure.ENarrative01, "Invented chart for demonstration; no real patient. "+text+
		" Assessment, care and monitoring were carried out and documented as listed in the sections of this report,"+
		" and the patient's condition was reassessed until the end of the contact.")
}

// document writes the whole EMSDataSet.
func (c *call) document() ([]byte, error) {
	w := &writer{notApplicable: c.empty, depth: 2}
	fmt.Fprintf(&w.out, `<?xml version="1.0" encoding="UTF-8"?>
<EMSDataSet xmlns="http://www.nemsis.org" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.nemsis.org https://nemsis.org/media/nemsis_v3/release-3.5.1/XSDs/NEMSIS_XSDs/EMSDataSet_v3.xsd">
  <Header>
`)
	head := newBlock().set(structure.DAgency01, c.agency.UniqueID).set(structure.DAgency02, c.agency.Number).set(structure.DAgency04, c.agency.State)
	if err := w.element(structure.DemographicGroup, head); err != nil {
		return nil, err
	}
	fmt.Fprintf(&w.out, "    <PatientCareReport UUID=%q>\n", c.uuid)
	w.depth = 3
	for _, section := range structure.Of(structure.PatientCareReport).Children {
		if err := w.element(section, c.block); err != nil {
			return nil, err
		}
	}
	w.out.WriteString("    </PatientCareReport>\n  </Header>\n</EMSDataSet>\n")
	return w.out.Bytes(), nil
}
