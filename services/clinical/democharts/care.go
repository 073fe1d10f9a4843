package democharts

import (
	"fmt"
	"strconv"

	"github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"
)

const (
	yes = "9923003"
	no  = "9923001"
)

// vital is one set of vital signs; a zero is not measured.
type vital struct {
	minute                 float64
	sbp, dbp, hr, spo2, rr int
	etco2                  int
	gcs                    [3]int // eye, verbal, motor
	avpu                   string
	pain                   int
	rhythm                 []string
	twelveLead             bool
	stroke                 string // eVitals.29
}

const (
	alert        = "3326001"
	responds     = "3326005" // to pain
	unresponsive = "3326007"
	sinus        = "9901047"
	unable       = "8801023"
)

func (c *call) vitals(sets ...vital) {
	for _, v := range sets {
		g := c.group(structure.EVitalsVitalGroup)
		g.set(structure.EVitals01, c.at(v.minute)).set(structure.EVitals02, no)
		c.ecg(g, v)
		measured(g, structure.EVitals06, v.sbp)
		measured(g, structure.EVitals07, v.dbp)
		measured(g, structure.EVitals10, v.hr)
		measured(g, structure.EVitals12, v.spo2)
		measured(g, structure.EVitals14, v.rr)
		if v.etco2 > 0 {
			g.set(structure.EVitals16, strconv.Itoa(v.etco2)).attribute(structure.EVitals16, "ETCO2Type", "3340001")
		}
		if v.gcs[0] > 0 {
			g.set(structure.EVitals19, strconv.Itoa(v.gcs[0]))
			g.set(structure.EVitals20, strconv.Itoa(v.gcs[1]))
			g.set(structure.EVitals21, strconv.Itoa(v.gcs[2]))
			g.set(structure.EVitals22, "3322003")
			g.set(structure.EVitals23, strconv.Itoa(v.gcs[0]+v.gcs[1]+v.gcs[2]))
		}
		g.set(structure.EVitals26, v.avpu)
		if v.avpu == alert {
			g.set(structure.EVitals27, strconv.Itoa(v.pain))
		} else {
			g.negative(structure.EVitals27, unable, "")
		}
		if v.stroke != "" {
			g.set(structure.EVitals29, v.stroke).set(structure.EVitals30, "3330001")
		}
	}
}

// measured leaves an unmeasured sign to its not value.
func measured(g *block, id structure.ID, n int) {
	if n > 0 {
		g.set(id, strconv.Itoa(n))
	}
}

func (c *call) ecg(g *block, v vital) {
	if len(v.rhythm) == 0 {
		g.notValue(structure.EVitals03, notApplicable)
		g.notValue(structure.EVitals04, notApplicable)
		g.notValue(structure.EVitals05, notApplicable)
		return
	}
	kind := "3304003" // 4 lead
	if v.twelveLead {
		kind = "3304007"
	}
	g.set(structure.EVitals03, v.rhythm...).set(structure.EVitals04, kind).set(structure.EVitals05, "3305003")
}

// drug is one medication. A refusal code makes it one that was not given.
type drug struct {
	minute       float64
	rxnorm, dose string
	unit, route  string
	response     string
	notGiven     string
}

const (
	milligram = "3706021"
	microgram = "3706015"
	gram      = "3706001"
	byMouth   = "9927035"
	intraven  = "9927023"
	intraoss  = "9927021"
	intranas  = "9927017"
	underTong = "9927047"
	nebulized = "9927071"
	improved  = "9916001"
	unchanged = "9916003"
)

func (c *call) gave(drugs ...drug) {
	for _, d := range drugs {
		g := c.group(structure.EMedicationsMedicationGroup)
		g.set(structure.EMedications01, c.at(d.minute)).set(structure.EMedications02, no)
		if d.notGiven != "" {
			g.negative(structure.EMedications03, d.notGiven, d.rxnorm)
			g.attribute(structure.EMedications03, "CodeType", "9924003")
			for _, id := range []structure.ID{structure.EMedications04, structure.EMedications05, structure.EMedications06,
				structure.EMedications07, structure.EMedications08, structure.EMedications10} {
				g.notValue(id, notApplicable)
			}
			continue
		}
		g.set(structure.EMedications03, d.rxnorm).attribute(structure.EMedications03, "CodeType", "9924003")
		g.set(structure.EMedications04, d.route)
		g.set(structure.EMedications05, d.dose).set(structure.EMedications06, d.unit)
		g.set(structure.EMedications07, d.response).set(structure.EMedications08, "3708031")
		g.set(structure.EMedications09, c.crew[0].ID).set(structure.EMedications10, "9905007")
		g.set(structure.EMedications11, "9918005")
	}
}

// procedure is one procedure.
type procedure struct {
	minute   float64
	snomed   string
	attempts int
}

const (
	twelveLead    = "268400002"
	venous        = "392230005"
	osseous       = "430824005"
	compressions  = "89666000"
	defibrillated = "426220008"
	intubated     = "232674004"
	bagged        = "425447009"
	tourniquet    = "20655006"
)

func (c *call) did(list ...procedure) {
	for _, p := range list {
		if p.attempts == 0 {
			p.attempts = 1
		}
		g := c.group(structure.EProceduresProcedureGroup)
		g.set(structure.EProcedures01, c.at(p.minute)).set(structure.EProcedures02, no)
		g.set(structure.EProcedures03, p.snomed).set(structure.EProcedures05, strconv.Itoa(p.attempts))
		g.set(structure.EProcedures06, yes).set(structure.EProcedures07, "3907033")
		g.set(structure.EProcedures08, unchanged).set(structure.EProcedures09, c.crew[0].ID)
		g.set(structure.EProcedures10, "9905007").set(structure.EProcedures11, "9918005")
	}
}

func (c *call) followed(protocols ...string) {
	for _, p := range protocols {
		c.group(structure.EProtocolsProtocolGroup).set(structure.EProtocols01, p).set(structure.EProtocols02, "3602001")
	}
}

// signed adds a signature.
func (c *call) signed(minute float64, who, status string, reasons ...string) {
	g := c.group(structure.EOtherSignatureGroup)
	g.set(structure.EOther12, who).set(structure.EOther13, reasons...).set(structure.EOther15, status)
	g.set(structure.EOther19, c.at(minute))
}

const (
	byPatient     = "4512015"
	byCaregiver   = "4512003"
	byFacility    = "4512005"
	forBilling    = "4513005"
	forTransfer   = "4513007"
	forRefusal    = "4513009"
	forControlled = "4513011"
	signedOK      = "4515031"
	unconscious   = "4515023"
)

// billable adds the signatures a claim needs: the patient's, or where the
// patient cannot, the crew's statement and the receiving facility's.
func (c *call) billable(minute float64, canSign bool) {
	if canSign {
		c.signed(minute, byPatient, signedOK, forBilling)
		return
	}
	c.signed(minute, byPatient, unconscious, forBilling)
	c.signed(minute, byCaregiver, signedOK, forBilling)
	c.signed(minute, byFacility, signedOK, forTransfer)
}

// end is how the call ended.
type end struct {
	unit, care, crew, transport, level string
}

const (
	contact = "4227001"
	careBLS = "4232001"
	careALS = "4232005"
)

// transported ends the call at a destination, miles tenths of a mile away.
func (c *call) transported(kind, level string, lights bool, tenths int) {
	c.disposed(end{contact, "4228001", "4229001", "4230001", level})
	c.set(structure.EDisposition01, "Example Facility")
	c.set(structure.EDisposition02, "EX-"+c.agency.State)
	c.set(structure.EDisposition05, c.agency.State)
	c.set(structure.EDisposition06, c.agency.County)
	c.set(structure.EDisposition07, c.agency.ZIP)
	c.set(structure.EDisposition11, "1")
	c.set(structure.EDisposition13, "9909013")
	c.set(structure.EDisposition14, "4214009")
	c.set(structure.EDisposition16, "4216005")
	mode, descriptor := "4217005", "4218015"
	if lights {
		mode, descriptor = "4217001", "4218011"
	}
	c.set(structure.EDisposition17, mode)
	c.set(structure.EDisposition18, descriptor)
	c.set(structure.EDisposition20, "4220001")
	c.set(structure.EDisposition21, kind)
	start := 400_000 + c.random.IntN(300_000)
	c.set(structure.EResponse19, odometer(start))
	c.set(structure.EResponse20, odometer(start+31))
	c.set(structure.EResponse21, odometer(start+31+tenths))
	c.set(structure.EResponse22, odometer(start+31+tenths))
}

func odometer(tenths int) string { return fmt.Sprintf("%d.%d", tenths/10, tenths%10) }

// disposed fills in the disposition; what does not apply says so.
func (c *call) disposed(e end) {
	for _, x := range []struct {
		id    structure.ID
		value string
	}{
		{structure.EDisposition27, e.unit}, {structure.EDisposition28, e.care}, {structure.EDisposition29, e.crew},
		{structure.EDisposition30, e.transport}, {structure.EDisposition32, e.level},
	} {
		if x.value != "" {
			c.set(x.id, x.value)
		}
	}
	c.empty[structure.EDisposition] = true
	c.empty[structure.EOutcome] = true
}

// alerted says which hospital team was told and when.
func (c *call) alerted(team string, minute float64) {
	c.group(structure.EDispositionHospitalTeamActivationGroup).
		set(structure.EDisposition24, team).set(structure.EDisposition25, c.at(minute))
}

// paid says who pays and for what level.
func (c *call) paid(method, payer, level string) {
	c.set(structure.EPayment01, method)
	c.set(structure.EPayment50, level)
	if payer == "" {
		return
	}
	c.set(structure.EPayment57, payer)
	g := c.group(structure.EPaymentInsuranceGroup)
	g.set(structure.EPayment10, "Example Health Plan").set(structure.EPayment11, "2611003")
	g.set(structure.EPayment18, fmt.Sprintf("DEMO%07d", c.random.IntN(10_000_000))).set(structure.EPayment22, "2622001")
}

const (
	insurance = "2601001"
	medicaid  = "2601003"
	medicare  = "2601005"
	selfPay   = "2601011"
	notBilled = "2601007"
	als1      = "2650001"
	als1e     = "2650003"
	als2      = "2650005"
	bls       = "2650007"
	blse      = "2650009"
)

// noArrest says that there was none.
func (c *call) noArrest() {
	c.set(structure.EArrest01, "3001001")
	c.empty[structure.EArrest] = true
}
