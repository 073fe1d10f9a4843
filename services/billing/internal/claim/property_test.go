package claim_test

import (
	"math/rand/v2"
	"testing"

	"github.com/fusionems/quantum/services/billing/internal/claim"
)

// TestEveryDraftHoldsTogether judges charts of random codes, sensible and not: whatever a chart says, the parts of the
// answer agree with each other.
func TestEveryDraftHoldsTogether(t *testing.T) {
	r := rules(t)
	rnd := rand.New(rand.NewPCG(1, 2))
	pick := func(codes ...string) string { return codes[rnd.IntN(len(codes))] }
	states := map[claim.State]int{}
	for range 20000 {
		s := emergency()
		s.ServiceType = pick("", "x", "2205001", "2205005", "2205013", "2205027")
		s.ResponseMode = pick("", "2223001", "2223005")
		s.UnitDisposition = pick("", "4227001", "4227005", "4227009", "?")
		s.CareDisposition = pick("", "4228001", "4228007")
		s.TransportDisposition = pick("", "4230001", "4230005", "4230009", "4230013")
		s.DispositionV34 = pick("", "", "4212033", "4212019", "4212007")
		s.LevelOfCare = pick("", "4232001", "4232005", "4232009")
		s.TransportMethod = pick("", "4216005", "4216003", "4216015")
		s.SceneLocation = pick("", ".", "Y", "Y92", "Y92.", "Y92.0", "Z99", "Y92.230")
		s.DestinationType = pick("", "4221003", "4221013", "4221025")
		s.PickupZIP = pick("", "53703", "537031", "abcde")
		s.LoadedMilesTenths = []*int32{nil, tenths(0), tenths(74), tenths(2001)}[rnd.IntN(4)]
		s.Payment.Certification = pick("", "9922005")
		s.DiedBeforeTransport = rnd.IntN(4) == 0
		s.Signed = rnd.IntN(2) == 0
		if rnd.IntN(2) == 0 {
			s.Payment.Insurances = nil
		}
		d := claim.Judge(r, s)
		states[d.State]++
		if (d.State == claim.Unbilled) != (d.NoBill != nil) || (d.State == claim.Drafted) != (len(d.Missing) > 0) {
			t.Fatalf("%+v\n%+v", s, d)
		}
		if (d.NoBill == nil) != (d.Level != nil && d.Level.HCPCS != "") {
			t.Fatalf("level and no-bill exclude each other: %+v\n%+v", s, d)
		}
		dead := len(d.Modifiers) > 0 && d.Modifiers[0] == "QL"
		if (dead || d.NoBill != nil) && (d.Mileage != nil || d.OriginDestination != "") {
			t.Fatalf("mileage without a transport: %+v\n%+v", s, d)
		}
		if !dead && d.NoBill == nil && len(d.OriginDestination) != 2 {
			t.Fatalf("modifier %q: %+v", d.OriginDestination, s)
		}
		if d.PickupZIP != "" && len(d.PickupZIP) != 5 {
			t.Fatalf("ZIP %q", d.PickupZIP)
		}
	}
	for _, state := range []claim.State{claim.Unbilled, claim.Drafted, claim.Ready} {
		if states[state] == 0 {
			t.Errorf("no chart became %s: the codes are not mixed well", state)
		}
	}
}
