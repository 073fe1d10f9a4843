package visit

import carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"

// State is where a patient is, as the database spells it.
type State string

// The states of a session.
const (
	CheckedIn State = "CHECKED_IN"
	Waiting   State = "WAITING"
	Admitted  State = "ADMITTED"
	InCall    State = "IN_CALL"
	Ended     State = "ENDED"
)

// Step is what moves a session.
type Step int

// The steps of a session.
const (
	Wait Step = iota + 1
	Admit
	Start
	Withdraw
	End
)

type rule struct {
	by   carefusionv1.Role
	from []State
	to   State
}

func rules() map[Step]rule {
	patient, provider := carefusionv1.Role_ROLE_PATIENT, carefusionv1.Role_ROLE_PROVIDER
	return map[Step]rule{
		Wait:     {patient, []State{CheckedIn}, Waiting},
		Admit:    {provider, []State{Waiting}, Admitted},
		Start:    {provider, []State{Admitted}, InCall},
		Withdraw: {patient, []State{Admitted, InCall}, Waiting},
		End:      {provider, []State{Waiting, Admitted, InCall}, Ended},
	}
}

// Next is the state after a step of somebody, if there is one.
func Next(from State, step Step, by carefusionv1.Role) (State, bool) {
	r := rules()[step]
	for _, f := range r.from {
		if f == from && r.by == by {
			return r.to, true
		}
	}
	return from, false
}
