package claim

import (
	"fmt"
	"slices"
	"time"
)

// Codes of what a claim can miss. They are stable: lists can be filtered by them.
const (
	MissingServiceDate    = "SERVICE_DATE_MISSING"
	MissingTransport      = "TRANSPORT_DISPOSITION_MISSING"
	MissingLevelOfCare    = "LEVEL_OF_CARE_MISSING"
	MissingPickupZIP      = "PICKUP_ZIP_MISSING"
	MissingMiles          = "MILES_MISSING"
	MissingOrigin         = "ORIGIN_MISSING"
	MissingDestination    = "DESTINATION_MISSING"
	MissingPatientCount   = "PATIENTS_TRANSPORTED_MISSING"
	MissingDiagnosis      = "DIAGNOSIS_MISSING"
	MissingName           = "NAME_MISSING"
	MissingBirthDate      = "BIRTH_DATE_MISSING"
	MissingAddress        = "ADDRESS_MISSING"
	MissingSex            = "SEX_MISSING"
	MissingPayer          = "PAYER_MISSING"
	MissingPayerType      = "PAYER_TYPE_MISSING"
	MissingPrimaryPayer   = "PRIMARY_PAYER_MISSING"
	MissingPolicyNumber   = "POLICY_NUMBER_MISSING"
	MissingSignature      = "SIGNATURE_MISSING"
	MissingPCS            = "PCS_MISSING"
	MissingPCSDate        = "PCS_DATE_MISSING"
	PCSTooOld             = "PCS_TOO_OLD"
	PCSTooLate            = "PCS_TOO_LATE"
	MissingPCSSigner      = "PCS_SIGNER_MISSING"
	PCSSignerNotPermitted = "PCS_SIGNER_NOT_PERMITTED"
)

// missing lists what keeps the draft from submission, in the order in which a biller works.
func (r *Rules) missing(s Snapshot, c call, d Draft) []Missing {
	var l missingList
	l.addIf(d.ServiceDate == "", MissingServiceDate, "eTimes.03", "supply the date of service")
	l.addIf(s.TransportDisposition == "" && s.DispositionV34 == "" && !c.diedBeforeLoading,
		MissingTransport, "eDisposition.30", "the chart does not tell who transported the patient")
	l.addIf(s.LevelOfCare == "" && d.Level.Rule == "bls",
		MissingLevelOfCare, "eDisposition.32", "the level of care is not recorded; the suggested level may be too low")
	l.addIf(d.PickupZIP == "", MissingPickupZIP, "eScene.19", "supply the five-digit ZIP code of the pickup; it decides the locality")
	if !c.diedBeforeLoading {
		l.addIf(d.Mileage == nil, MissingMiles, "eResponse.21", "supply the loaded miles (odometer at destination minus odometer at scene)")
		l.addIf(d.OriginDestination[:1] == unknownPlace, MissingOrigin, "eScene.09", "choose the origin modifier; the type of the location is not recorded or has no modifier of its own")
		l.addIf(d.OriginDestination[1:] == unknownPlace, MissingDestination, "eDisposition.21", "choose the destination modifier; the type of the destination is not recorded or has no modifier of its own")
	}
	// The chart counts patients at the scene, not in the ambulance: the modifier is for a person to set.
	l.addIf(s.MultiplePatients && c.transported, MissingPatientCount, "eScene.06",
		"there was more than one patient at the scene: say how many this unit transported together; for more than one the modifier "+
			r.Modifiers.MultiplePatients+" applies")
	l.addIf(len(d.Diagnoses) == 0, MissingDiagnosis, "eSituation.11", "supply a diagnosis: a primary impression or a symptom in ICD-10-CM")
	l.demographics(s.Demographics)
	r.missingPayer(&l, s.Payment, d.Payers)
	if !s.Signed {
		l = append(l, Missing{MissingSignature, "eOther.13", r.signatureMessage(s)})
	}
	if r.needsPCS(s, c, d) {
		r.missingPCS(&l, s)
	}
	return l
}

type missingList []Missing

func (l *missingList) addIf(missing bool, code, element, message string) {
	if missing {
		*l = append(*l, Missing{Code: code, Element: element, Message: message})
	}
}

func (l *missingList) demographics(d Demographics) {
	l.addIf(!d.Name, MissingName, "ePatient.02", "supply last and first name of the patient")
	l.addIf(!d.BirthDate, MissingBirthDate, "ePatient.17", "supply the date of birth")
	l.addIf(!d.Address, MissingAddress, "ePatient.05", "supply the home address")
	l.addIf(!d.Sex, MissingSex, "ePatient.25", "supply the sex")
}

func (r *Rules) missingPayer(l *missingList, p Payment, payers []Payer) {
	if len(payers) == 0 {
		l.addIf(!slices.Contains(r.Payers.WithoutInsurance, p.PrimaryMethod), MissingPayer, "ePayment.57", "find the payer, or record that the patient pays")
		return
	}
	first := r.Payers.Priorities[0].Name
	has := func(f func(Payer) bool) bool { return slices.ContainsFunc(payers, f) }
	l.addIf(has(func(x Payer) bool { return x.FilingIndicator == "" }), MissingPayerType, "ePayment.57", "supply the payer type of every insurance")
	l.addIf(!has(func(x Payer) bool { return x.Priority == first }), MissingPrimaryPayer, "ePayment.11", "say which insurance is billed first")
	l.addIf(has(func(x Payer) bool { return !x.PolicyNumberPresent }), MissingPolicyNumber, "ePayment.18", "supply the policy number of every insurance")
}

func (r *Rules) signatureMessage(s Snapshot) string {
	unable := slices.ContainsFunc(s.SignatureStatuses, func(status string) bool { return slices.Contains(r.Signature.Unable, status) })
	if unable {
		return "the patient could not sign: supply a representative's signature, or the crew's statement with a signature or record of the receiving facility (" + r.Signature.Source + ")"
	}
	return "supply a billing signature of the patient or a representative (" + r.Signature.Source + ")"
}

// needsPCS: every transport that was not an emergency, except the unscheduled one of somebody at home or on the street.
func (r *Rules) needsPCS(s Snapshot, c call, d Draft) bool {
	if c.emergency || c.diedBeforeLoading {
		return false
	}
	exempt := r.Certification.Exempt
	return !slices.Contains(exempt.ServiceTypes, s.ServiceType) || !slices.Contains(exempt.Origins, d.OriginDestination[:1])
}

func (r *Rules) missingPCS(l *missingList, s Snapshot) {
	source := " (" + r.Certification.Source + ")"
	p := s.Payment
	if !slices.Contains(r.Certification.Present, p.Certification) {
		l.addIf(true, MissingPCS, "ePayment.02", "supply a physician certification statement: the transport was no emergency"+source)
		return
	}
	window, kind := r.Certification.NonRepetitive, "non-repetitive"
	if slices.Contains(r.Certification.Repetitive.DestinationTypes, s.DestinationType) {
		window, kind = r.Certification.Repetitive, "repetitive"
	}
	l.addIf(p.CertificationDate.IsZero(), MissingPCSDate, "ePayment.03", "supply the date on which the statement was signed"+source)
	if !p.CertificationDate.IsZero() && !s.ServiceDate.IsZero() {
		if window.DaysBefore != nil {
			oldest := s.ServiceDate.AddDate(0, 0, -*window.DaysBefore)
			l.addIf(p.CertificationDate.Before(oldest), PCSTooOld, "ePayment.03",
				fmt.Sprintf("the statement for a %s transport may be at most %d days older than the service%s", kind, *window.DaysBefore, source))
		}
		// Dates have no hours: the limit counts whole days.
		latest := s.ServiceDate.Add(time.Duration(window.HoursAfter) * time.Hour)
		l.addIf(p.CertificationDate.After(latest), PCSTooLate, "ePayment.03",
			fmt.Sprintf("the statement for a %s transport must be signed within %d hours after the service%s", kind, window.HoursAfter, source))
	}
	l.addIf(p.CertificationSigner == "", MissingPCSSigner, "ePayment.05", "supply who signed the statement"+source)
	l.addIf(p.CertificationSigner != "" && !slices.Contains(window.Signers, p.CertificationSigner), PCSSignerNotPermitted, "ePayment.05",
		"who signed may not sign the statement for a "+kind+" transport"+source)
}
