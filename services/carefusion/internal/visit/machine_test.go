package visit

import (
	"testing"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
)

// TestEveryStepFromEveryState lists what is possible; everything else is not.
func TestEveryStepFromEveryState(t *testing.T) {
	patient, provider := carefusionv1.Role_ROLE_PATIENT, carefusionv1.Role_ROLE_PROVIDER
	type move struct {
		from State
		step Step
		by   carefusionv1.Role
	}
	possible := map[move]State{
		{CheckedIn, Wait, patient}: Waiting, {Waiting, Admit, provider}: Admitted, {Admitted, Start, provider}: InCall,
		{Admitted, Withdraw, patient}: Waiting, {InCall, Withdraw, patient}: Waiting,
		{Waiting, End, provider}: Ended, {Admitted, End, provider}: Ended, {InCall, End, provider}: Ended,
	}
	for _, from := range []State{CheckedIn, Waiting, Admitted, InCall, Ended} {
		for step := Wait; step <= End; step++ {
			for role := range carefusionv1.Role_name {
				m := move{from, step, carefusionv1.Role(role)}
				want, can := possible[m]
				got, ok := Next(m.from, m.step, m.by)
				if ok != can || (can && got != want) {
					t.Errorf("%v: %s %v, want %s %v", m, got, ok, want, can)
				}
			}
		}
	}
}
