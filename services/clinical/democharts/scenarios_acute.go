package democharts

import "github.com/fusionems/quantum/services/clinical/internal/nemsis/structure"

// arrest is a witnessed arrest in ventricular fibrillation at home.
func (c *call) arrest(t course, rosc bool) {
	c.requested(request{emergency, groundALS, "2301019", critical.dispatch, true})
	c.timed(t)
	c.patient(person{age: 58 + c.random.IntN(14), sex: male})
	c.scene(home)
	final := "4219009" // dead with resuscitation efforts
	if rosc {
		final = "4219001"
	}
	c.suffers(condition{symptom: "R09.2", impression: "I46.9", acuity: critical.initial, final: final})
	c.set(structure.EArrest01, "3001003").set(structure.EArrest02, "3002001")
	c.set(structure.EArrest03, "3003001", "3003003", "3003005").set(structure.EArrest04, "3004003")
	c.set(structure.EArrest07, "3007001").set(structure.EArrest09, "3009001", "3009013")
	c.set(structure.EArrest11, "3011011").set(structure.EArrest14, c.at(-4))
	c.set(structure.EArrest19, c.at(-2)).set(structure.EArrest20, "3020003")
	c.set(structure.EArrest21, "3021013").set(structure.EArrest22, "3022013")
	p := t.patient
	c.vitals(vital{minute: p + 1, hr: 0, avpu: unresponsive, gcs: [3]int{1, 1, 1}, rhythm: []string{"9901067"}},
		vital{minute: p + 8, etco2: 16, avpu: unresponsive, gcs: [3]int{1, 1, 1}, rhythm: []string{"9901067"}})
	c.did(procedure{minute: p + 0.5, snomed: compressions}, procedure{minute: p + 2, snomed: defibrillated},
		procedure{minute: p + 4, snomed: bagged}, procedure{minute: p + 5, snomed: osseous},
		procedure{minute: p + 6, snomed: defibrillated})
	c.gave(drug{minute: p + 6, rxnorm: "317361", dose: "1", unit: milligram, route: intraoss, response: unchanged},
		drug{minute: p + 8, rxnorm: "703", dose: "300", unit: milligram, route: intraoss, response: unchanged},
		drug{minute: p + 10, rxnorm: "317361", dose: "1", unit: milligram, route: intraoss, response: unchanged})
	c.followed("9914017")
	if rosc {
		c.set(structure.EArrest12, "3012005", "3012007").set(structure.EArrest16, "3016011")
		c.set(structure.EArrest17, sinus).set(structure.EArrest18, "3018007")
		c.vitals(vital{minute: p + 16, sbp: 98, dbp: 60, hr: 102, spo2: 95, rr: 12, etco2: 38, avpu: unresponsive,
			gcs: [3]int{1, 1, 4}, rhythm: []string{sinus}, twelveLead: true})
		c.followed("9914019")
	} else {
		c.set(structure.EArrest12, "3012001").set(structure.EArrest17, "9901003").set(structure.EArrest18, "3018005")
		c.vitals(vital{minute: p + 18, etco2: 11, avpu: unresponsive, gcs: [3]int{1, 1, 1}, rhythm: []string{"9901003"}})
	}
	c.transported(toED, careALS, true, 62+c.random.IntN(60))
	c.alerted("4224005", t.left)
	c.paid(medicare, "MB", als2)
	c.billable(t.transfer, false)
	c.narrative("Witnessed collapse at home, family started compressions before arrival; shockable rhythm, two shocks.")
}

func deathOnScene(c *call) {
	c.requested(request{emergency, groundALS, "2301019", critical.dispatch, true})
	c.timed(course{scene: 7, patient: 8, service: 24})
	c.patient(person{age: 81, sex: female})
	c.scene(home)
	c.suffers(condition{symptom: "R99", impression: "R99", acuity: "2813007", final: "4219007"})
	c.set(structure.EArrest01, "3001003").set(structure.EArrest02, "3002001")
	c.set(structure.EArrest03, "3003007").set(structure.EArrest04, "3004001").set(structure.EArrest07, "3007001")
	c.set(structure.EArrest16, "3016005").set(structure.EArrest18, "3018003")
	c.vitals(vital{minute: 9, avpu: unresponsive, gcs: [3]int{1, 1, 1}, rhythm: []string{"9901003"}})
	c.followed("9914201")
	c.disposed(end{contact, "4228005", "4229011", "4230013", "4232013"})
	c.set(structure.EPayment01, selfPay)
	c.narrative("Found without signs of life, obvious signs of death, asystole in two leads; no resuscitation attempted.")
}

func stemi(c *call) {
	t := course{7, 8, 24, 38, 44, 62}
	c.requested(request{emergency, groundALS, "2301021", critical.dispatch, true})
	c.timed(t)
	c.patient(person{age: 63, sex: male})
	c.scene(home)
	c.suffers(condition{symptom: "R07.9", impression: "I21.19", acuity: critical.initial, final: "4219001"})
	c.noArrest()
	c.vitals(vital{minute: 10, sbp: 142, dbp: 88, hr: 96, spo2: 94, rr: 20, avpu: alert, gcs: [3]int{4, 5, 6}, pain: 8, rhythm: []string{sinus}},
		vital{minute: 13, sbp: 138, dbp: 84, hr: 92, spo2: 95, rr: 18, avpu: alert, gcs: [3]int{4, 5, 6}, pain: 7, rhythm: []string{"9901053"}, twelveLead: true},
		vital{minute: 30, sbp: 124, dbp: 78, hr: 88, spo2: 96, rr: 18, avpu: alert, gcs: [3]int{4, 5, 6}, pain: 4, rhythm: []string{"9901053"}, twelveLead: true})
	c.did(procedure{minute: 12, snomed: twelveLead}, procedure{minute: 16, snomed: venous})
	c.gave(drug{minute: 14, rxnorm: "1191", dose: "324", unit: milligram, route: byMouth, response: unchanged},
		drug{minute: 17, rxnorm: "4917", dose: "0.4", unit: milligram, route: underTong, response: improved},
		drug{minute: 18, rxnorm: "7052", notGiven: "8801001"})
	c.followed("9914143")
	c.transported(toED, careALS, true, 94)
	c.set(structure.EDisposition23, "9908033")
	c.alerted("4224013", 15)
	c.paid(insurance, "CI", als1e)
	c.billable(t.transfer, true)
	c.narrative("Crushing chest pain for forty minutes; inferior ST elevation on the 12-lead, catheter laboratory alerted from scene.")
}

func stroke(c *call) {
	t := course{8, 9, 22, 36, 43, 60}
	c.requested(request{emergency, groundALS, "2301067", critical.dispatch, true})
	c.timed(t)
	c.patient(person{age: 74, sex: female})
	c.scene(home)
	c.suffers(condition{symptom: "R47.81", impression: "I63.9", acuity: critical.initial, final: "4219001"})
	c.set(structure.ESituation18, c.at(-35))
	c.noArrest()
	c.vitals(vital{minute: 11, sbp: 176, dbp: 98, hr: 84, spo2: 96, rr: 16, avpu: alert, gcs: [3]int{4, 4, 6}, rhythm: []string{"9901007"}, stroke: "3329005"},
		vital{minute: 24, sbp: 170, dbp: 94, hr: 82, spo2: 97, rr: 16, avpu: alert, gcs: [3]int{4, 4, 6}, rhythm: []string{"9901007"}, stroke: "3329005"})
	c.did(procedure{minute: 15, snomed: venous}, procedure{minute: 17, snomed: twelveLead})
	c.followed("9914145")
	c.transported(toED, careALS, true, 88)
	c.set(structure.EDisposition23, "9908043")
	c.alerted("4224015", 16)
	c.paid(medicare, "MB", als1e)
	c.billable(t.transfer, true)
	c.narrative("Sudden slurred speech and weakness of the right arm, last known well thirty-five minutes before notification.")
}

func majorTrauma(c *call) {
	t := course{8, 10, 25, 42, 48, 70}
	c.requested(request{emergency, groundALS, "2301069", critical.dispatch, true})
	c.timed(t)
	c.patient(person{age: 31, sex: male})
	c.scene(street)
	c.suffers(condition{symptom: "R58", impression: "S71.101A", acuity: critical.initial, final: "4219001", injury: true, cause: "V49.9"})
	c.set(structure.EInjury02, "2902001").set(structure.EInjury03, "2903023").set(structure.EInjury04, "2904011")
	c.noArrest()
	c.vitals(vital{minute: 11, sbp: 92, dbp: 58, hr: 124, spo2: 95, rr: 24, avpu: alert, gcs: [3]int{4, 5, 6}, pain: 9},
		vital{minute: 26, sbp: 104, dbp: 64, hr: 112, spo2: 97, rr: 20, avpu: alert, gcs: [3]int{4, 5, 6}, pain: 6})
	c.did(procedure{minute: 11.5, snomed: tourniquet}, procedure{minute: 20, snomed: venous})
	c.gave(drug{minute: 24, rxnorm: "10691", dose: "2", unit: gram, route: intraven, response: unchanged})
	c.followed("9914207")
	c.transported(toED, careALS, true, 143)
	c.set(structure.EDisposition23, "9908021")
	c.alerted("4224003", 20)
	c.paid(insurance, "AM", als1e)
	c.billable(t.transfer, true)
	c.narrative("Driver in a two-vehicle crash with intrusion; arterial bleeding of the thigh controlled with a tourniquet.")
}

func pediatricCritical(c *call) {
	t := course{6, 7, 21, 33, 40, 58}
	c.requested(request{emergency, groundALS, "2301025", critical.dispatch, true})
	c.timed(t)
	c.patient(person{age: 30, unit: months, sex: female})
	c.scene(home)
	c.suffers(condition{symptom: "R56.9", impression: "G40.901", acuity: critical.initial, final: "4219003"})
	c.noArrest()
	c.set(structure.EExam01, "13.2").set(structure.EExam02, "3502017")
	c.vitals(vital{minute: 8, sbp: 92, dbp: 54, hr: 156, spo2: 91, rr: 32, avpu: responds, gcs: [3]int{2, 2, 4}},
		vital{minute: 16, sbp: 94, dbp: 56, hr: 138, spo2: 98, rr: 26, avpu: responds, gcs: [3]int{3, 4, 5}})
	c.gave(drug{minute: 10, rxnorm: "6960", dose: "2.6", unit: milligram, route: intranas, response: improved})
	c.signed(45, byCaregiver, signedOK, forControlled)
	c.did(procedure{minute: 9, snomed: bagged})
	c.group(structure.EProtocolsProtocolGroup).set(structure.EProtocols01, "9914141").set(structure.EProtocols02, "3602005")
	c.transported(toED, careALS, true, 76)
	c.paid(medicaid, "MC", als1e)
	c.signed(t.transfer, "4512017", "4515033", forBilling)
	c.narrative("Child with a seizure of more than ten minutes; midazolam by weight and tape, seizure ended.")
}
