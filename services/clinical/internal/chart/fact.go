package chart

// State tells how an element was answered. A blank is never a "no": a report
// that counts absent elements as negatives is wrong.
type State uint8

const (
	// Absent: the element is not in the chart.
	Absent State = iota
	// Valued: the element has a value and no pertinent negative.
	Valued
	// NotValue: the crew said why there is no value (NEMSIS NV attribute), or
	// the element is nil without saying why.
	NotValue
	// PertinentNegative: the crew recorded a negative finding (NEMSIS PN
	// attribute), with or without a value beside it.
	PertinentNegative
)

// String is the word used in answers and logs.
func (s State) String() string {
	return [...]string{"absent", "value", "notValue", "pertinentNegative"}[s]
}

// Fact is one element of a chart in one of four states.
type Fact[T any] struct {
	State State
	// Value is set when State is Valued, and when State is PertinentNegative
	// and HasValue is set: a medication that was not given because it is
	// contraindicated names the medication as its value.
	Value    T
	HasValue bool
	// Code is the NV code when State is NotValue, the PN code when State is
	// PertinentNegative.
	Code string
}

// Get returns the value of a plainly valued element. A value that stands
// beside a pertinent negative is not returned: a drug that was not given must
// not be counted as given.
func (f Fact[T]) Get() (T, bool) {
	if f.State != Valued {
		var zero T
		return zero, false
	}
	return f.Value, true
}

// Is tells whether the element is valued with one of the given codes.
func Is(f Fact[string], codes ...string) bool {
	v, ok := f.Get()
	if !ok {
		return false
	}
	for _, c := range codes {
		if v == c {
			return true
		}
	}
	return false
}

// Any tells whether one of the repeats is valued with one of the given codes.
func Any(facts []Fact[string], codes ...string) bool {
	for _, f := range facts {
		if Is(f, codes...) {
			return true
		}
	}
	return false
}

// Value makes a valued fact.
func Value[T any](v T) Fact[T] { return Fact[T]{State: Valued, Value: v, HasValue: true} }
