package events

import (
	"time"

	"google.golang.org/genproto/googleapis/type/date"

	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/billing/internal/claim"
)

func snapshotOf(m *clinicalv1.ClaimSnapshotReady) claim.Snapshot {
	s := claim.Snapshot{
		ServiceDate: dayOf(m.GetServiceDate()), ServiceType: m.GetServiceType(), Capability: m.GetUnitCapability(),
		ResponseMode: m.GetResponseMode(), DispatchPriority: m.GetDispatchPriority(), DispositionV34: m.GetIncidentDispositionV34(),
		UnitDisposition: m.GetUnitDisposition(), CareDisposition: m.GetCareDisposition(), TransportDisposition: m.GetTransportDisposition(),
		LevelOfCare: m.GetLevelOfCare(), TransportMethod: m.GetTransportMethod(), SceneLocation: m.GetSceneLocationType(),
		DestinationType: m.GetDestinationType(), PickupZIP: m.GetPickupZip(), LoadedMilesTenths: m.LoadedMilesTenths,
		Impressions: m.GetImpressions(), Symptoms: m.GetSymptoms(), Procedures: m.GetProcedures(), Payment: paymentOf(m.GetPayment()),
		Signed: m.GetBillingSignature(), SignatureStatuses: m.GetBillingSignatureStatuses(),
		DiedBeforeTransport: m.GetDiedBeforeTransport(), MultiplePatients: m.GetMultiplePatients(),
	}
	d := m.GetDemographics()
	s.Demographics = claim.Demographics{Name: d.GetName(), BirthDate: d.GetBirthDate(), Address: d.GetAddress(), Sex: d.GetSex()}
	for _, g := range m.GetMedications() {
		given := claim.Medication{Code: g.GetCode(), Route: g.GetRoute()}
		if g.GetTime() != nil {
			given.Time = g.GetTime().AsTime()
		}
		s.Medications = append(s.Medications, given)
	}
	return s
}

func paymentOf(p *clinicalv1.ClaimSnapshotReady_Payment) claim.Payment {
	out := claim.Payment{
		PrimaryMethod: p.GetPrimaryMethod(), Certification: p.GetPcs(), CertificationDate: dayOf(p.GetPcsDate()),
		CertificationSigner: p.GetPcsSigner(), Urgency: p.GetUrgency(), ServiceLevel: p.GetServiceLevel(),
	}
	for _, i := range p.GetInsurances() {
		out.Insurances = append(out.Insurances, claim.Insurance{
			PayerType: i.GetPayerType(), Priority: i.GetPriority(), Relationship: i.GetRelationship(), PolicyNumberPresent: i.GetPolicyNumberPresent(),
		})
	}
	return out
}

// dayOf is zero for a date that is absent or not whole.
func dayOf(d *date.Date) time.Time {
	if d.GetYear() == 0 || d.GetMonth() == 0 || d.GetDay() == 0 {
		return time.Time{}
	}
	return time.Date(int(d.GetYear()), time.Month(d.GetMonth()), int(d.GetDay()), 0, 0, 0, 0, time.UTC)
}
