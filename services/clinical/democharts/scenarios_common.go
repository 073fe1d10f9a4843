package democharts

import "github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"

// refusal is a minor complaint of a patient who does not want to go.
func (c *call) refusal(signed bool) {
	c.requested(request{emergency, groundALS, "2301061", lower.dispatch, false})
	c.timed(course{scene: 11, patient: 12, service: 34})
	c.patient(person{age: 42, sex: female})
	c.scene(home)
	c.suffers(condition{symptom: "R42", impression: "R42", acuity: lower.initial, final: lower.final})
	c.noArrest()
	c.vitals(vital{minute: 14, sbp: 128, dbp: 80, hr: 78, spo2: 99, rr: 16, avpu: alert, gcs: [3]int{4, 5, 6}, rhythm: []string{sinus}},
		vital{minute: 24, sbp: 126, dbp: 78, hr: 76, spo2: 99, rr: 16, avpu: alert, gcs: [3]int{4, 5, 6}})
	c.followed("9914189")
	c.disposed(end{contact, "4228003", "4229013", "4230009", careBLS})
	c.set(structure.EDisposition31, "4231003")
	c.set(structure.EDisposition26, "4226005")
	c.set(structure.EPayment01, notBilled)
	if signed {
		c.signed(30, byPatient, signedOK, forRefusal, "4513021")
	}
	c.narrative("Dizziness that had passed on arrival; oriented, no intoxication, risks explained, declined transport.")
}

// breathing is a patient with difficult breathing.
func (c *call) breathing(p priority, t course) {
	c.requested(request{emergency, groundALS, "2301013", p.dispatch, true})
	c.timed(t)
	c.patient(person{age: 66 + c.random.IntN(12), sex: male})
	c.scene(home)
	c.suffers(condition{symptom: "R06.02", impression: "J44.1", acuity: p.initial, final: p.final})
	c.noArrest()
	m := t.patient
	c.vitals(vital{minute: m + 2, sbp: 148, dbp: 86, hr: 112, spo2: 86, rr: 30, etco2: 48, avpu: alert, gcs: [3]int{4, 5, 6}, rhythm: []string{"9901049"}},
		vital{minute: m + 10, sbp: 140, dbp: 82, hr: 104, spo2: 93, rr: 24, etco2: 44, avpu: alert, gcs: [3]int{4, 5, 6}, rhythm: []string{"9901049"}},
		vital{minute: t.left + 4, sbp: 136, dbp: 80, hr: 98, spo2: 95, rr: 22, etco2: 42, avpu: alert, gcs: [3]int{4, 5, 6}})
	c.did(procedure{minute: m + 6, snomed: venous}, procedure{minute: m + 8, snomed: twelveLead})
	c.gave(drug{minute: m + 3, rxnorm: "435", dose: "2.5", unit: milligram, route: nebulized, response: improved})
	c.followed("9914139")
	c.transported(toED, careALS, true, 70+c.random.IntN(80))
	c.paid(medicare, "MB", als1e)
	c.billable(t.transfer, true)
	c.narrative("Worsening shortness of breath over the day, wheezing on both sides, better after nebulized treatment.")
}

// fall is a minor fall that basic life support handles.
func (c *call) fall(t course) {
	c.requested(request{emergency, groundBLS, "2301033", lower.dispatch, false})
	c.timed(t)
	c.patient(person{age: 70 + c.random.IntN(15), sex: female})
	c.scene(home)
	c.suffers(condition{symptom: "M25.552", impression: "S70.02XA", acuity: lower.initial, final: lower.final, injury: true, cause: "W18.30XA"})
	c.notValue(structure.EInjury03, notApplicable)
	c.notValue(structure.EInjury04, notApplicable)
	c.noArrest()
	m := t.patient
	c.vitals(vital{minute: m + 3, sbp: 138, dbp: 78, hr: 82, spo2: 97, rr: 16, avpu: alert, gcs: [3]int{4, 5, 6}, pain: 5},
		vital{minute: t.left + 3, sbp: 134, dbp: 76, hr: 80, spo2: 97, rr: 16, avpu: alert, gcs: [3]int{4, 5, 6}, pain: 4})
	c.followed("9914207")
	c.transported(toED, careBLS, false, 60+c.random.IntN(90))
	c.paid(medicare, "MB", blse)
	c.billable(t.transfer, true)
	c.narrative("Ground-level fall in the kitchen with pain of the left hip; no head injury, no anticoagulant.")
}

// pain is a painful injury treated with fentanyl.
func (c *call) pain(signed bool) {
	t := course{9, 10, 29, 44, 52, 70}
	c.requested(request{emergency, groundALS, "2301073", emergent.dispatch, true})
	c.timed(t)
	c.patient(person{age: 36, sex: male})
	c.scene(home)
	c.suffers(condition{symptom: "M25.571", impression: "S82.891A", acuity: emergent.initial, final: lower.final, injury: true, cause: "W01.0XXA"})
	c.notValue(structure.EInjury03, notApplicable)
	c.notValue(structure.EInjury04, notApplicable)
	c.noArrest()
	c.vitals(vital{minute: 12, sbp: 146, dbp: 90, hr: 108, spo2: 98, rr: 20, avpu: alert, gcs: [3]int{4, 5, 6}, pain: 9},
		vital{minute: 26, sbp: 132, dbp: 82, hr: 90, spo2: 97, rr: 16, avpu: alert, gcs: [3]int{4, 5, 6}, pain: 4})
	c.did(procedure{minute: 15, snomed: venous})
	c.gave(drug{minute: 17, rxnorm: "4337", dose: "75", unit: microgram, route: intraven, response: improved})
	if signed {
		c.signed(60, byCaregiver, signedOK, forControlled)
	}
	c.followed("9914071")
	c.transported(toED, careALS, false, 81)
	c.paid(insurance, "BL", als1e)
	c.billable(t.transfer, true)
	c.narrative("Closed deformity of the ankle after a slip on stairs, splinted; pain from nine to four after fentanyl.")
}

func opioid(c *call) {
	t := course{7, 8, 24, 37, 44, 60}
	c.requested(request{emergency, groundALS, "2301053", critical.dispatch, true})
	c.timed(t)
	c.patient(person{age: 27, sex: male})
	c.scene(home)
	c.suffers(condition{symptom: "R40.20", impression: "T40.2X1A", acuity: critical.initial, final: lower.final})
	c.noArrest()
	c.vitals(vital{minute: 9, sbp: 104, dbp: 62, hr: 58, spo2: 82, rr: 5, etco2: 68, avpu: unresponsive, gcs: [3]int{1, 1, 3}},
		vital{minute: 16, sbp: 116, dbp: 70, hr: 84, spo2: 97, rr: 14, etco2: 42, avpu: alert, gcs: [3]int{4, 5, 6}})
	c.did(procedure{minute: 9.5, snomed: bagged})
	c.gave(drug{minute: 11, rxnorm: "7242", dose: "4", unit: milligram, route: intranas, response: improved})
	c.followed("9914219")
	c.transported(toED, careALS, true, 59)
	c.paid(medicaid, "MC", als1e)
	c.billable(t.transfer, true)
	c.narrative("Unresponsive with slow breathing and small pupils; ventilated, awake after intranasal naloxone.")
}

func noVitals(c *call) {
	t := course{10, 11, 22, 36, 42, 58}
	c.requested(request{emergency, groundBLS, "2301059", lower.dispatch, false})
	c.timed(t)
	c.patient(person{age: 29, sex: female})
	c.scene(home)
	c.suffers(condition{symptom: "R45.1", impression: "F41.9", acuity: lower.initial, final: lower.final})
	c.noArrest()
	c.empty[structure.EMedications] = true
	c.empty[structure.EProcedures] = true
	c.followed("9914075")
	c.transported(toED, careBLS, false, 66)
	c.paid(selfPay, "", blse)
	c.billable(t.transfer, true)
	c.narrative("Anxious patient went along on her own wish; the crew recorded no vital signs on the way.")
}

// transfer is a planned move of a monitored patient between hospitals.
func transfer(c *call) {
	t := course{16, 22, 44, 92, 104, 125}
	c.requested(request{betweenHospits, groundALS, "2301071", planned.dispatch, false})
	c.timed(t)
	c.patient(person{age: 69, sex: male})
	c.scene(hospitalPlace)
	c.suffers(condition{symptom: "R07.9", impression: "I25.10", acuity: planned.initial, final: planned.final})
	c.values[structure.ESituation20] = []entry{{value: "2820001"}}
	c.noArrest()
	c.vitals(vital{minute: 30, sbp: 126, dbp: 74, hr: 74, spo2: 97, rr: 16, avpu: alert, gcs: [3]int{4, 5, 6}, rhythm: []string{sinus}},
		vital{minute: 44, sbp: 124, dbp: 74, hr: 72, spo2: 97, rr: 16, avpu: alert, gcs: [3]int{4, 5, 6}, rhythm: []string{sinus}},
		vital{minute: 58, sbp: 126, dbp: 72, hr: 74, spo2: 97, rr: 16, avpu: alert, gcs: [3]int{4, 5, 6}, rhythm: []string{sinus}},
		vital{minute: 72, sbp: 122, dbp: 70, hr: 72, spo2: 98, rr: 16, avpu: alert, gcs: [3]int{4, 5, 6}, rhythm: []string{sinus}})
	c.followed("9914181")
	c.transported(toHospitalBed, careALS, false, 412)
	c.values[structure.EDisposition20] = []entry{{value: "4220021"}}
	c.set(structure.EDisposition22, "4222003").set(structure.EDisposition23, "9908033")
	c.paid(medicare, "MB", als1)
	c.certificate("2605009", -60, "2604003")
	c.set(structure.EPayment52, "C1")
	c.billable(t.transfer, true)
	c.narrative("Transfer for cardiac catheterization with cardiac monitoring on the way; no change, no complaint.")
}

// dialysis is a scheduled ride of a patient who cannot sit.
func dialysis(c *call) {
	t := course{14, 17, 31, 49, 56, 70}
	c.requested(request{routine, groundBLS, "2301071", planned.dispatch, false})
	c.timed(t)
	c.patient(person{age: 77, sex: female})
	c.scene(home)
	c.suffers(condition{symptom: "R53.1", impression: "N18.6", acuity: planned.initial, final: planned.final})
	c.values[structure.ESituation20] = []entry{{value: "2820007"}}
	c.noArrest()
	c.vitals(vital{minute: 20, sbp: 148, dbp: 82, hr: 76, spo2: 96, rr: 16, avpu: alert, gcs: [3]int{4, 5, 6}},
		vital{minute: 34, sbp: 146, dbp: 80, hr: 76, spo2: 96, rr: 16, avpu: alert, gcs: [3]int{4, 5, 6}})
	c.followed("9914181")
	c.transported(toDialysis, careBLS, false, 113)
	c.paid(medicare, "MB", bls)
	c.certificate("2605005", -20*24*60, "2604001", "2604035")
	c.set(structure.EPayment45, "Return after treatment is a separate trip").set(structure.EPayment46, "Cannot sit upright")
	c.billable(t.transfer, true)
	c.narrative("Scheduled ride to dialysis; bed-confined, moved by sheet and stretcher, stable on the way.")
}

// certificate is a physician certification statement signed so many minutes
// from the notification.
func (c *call) certificate(signer string, minute float64, reasons ...string) {
	c.set(structure.EPayment02, "9922005").set(structure.EPayment03, c.at(minute))
	c.set(structure.EPayment04, reasons...).set(structure.EPayment05, signer)
	c.set(structure.EPayment06, "Democlinician").set(structure.EPayment07, "Quebec")
	c.set(structure.EPayment40, "2640003").set(structure.EPayment44, "A").set(structure.EPayment47, "04", "12")
}

func cancelled(c *call) {
	c.requested(request{emergency, groundALS, "2301049", emergent.dispatch, true})
	c.timed(course{service: 8})
	c.set(structure.ETimes14, c.at(6))
	for _, s := range []structure.ID{structure.EPatient, structure.EScene, structure.ESituation, structure.EInjury, structure.EArrest,
		structure.EHistory, structure.EVitals, structure.EProtocols, structure.EMedications, structure.EProcedures,
		structure.EDisposition, structure.EOutcome, structure.EPayment} {
		c.empty[s] = true
	}
	c.set(structure.EPayment01, notBilled)
	c.disposed(end{unit: "4227005"})
	c.narrative("Cancelled by dispatch on the way; another unit was closer.")
}
