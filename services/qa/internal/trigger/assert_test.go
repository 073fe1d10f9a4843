package trigger

import (
	"fmt"
	"math"
	"reflect"
	"testing"
)

func note(of []any) string {
	if len(of) == 0 {
		return ""
	}
	if format, ok := of[0].(string); ok {
		return fmt.Sprintf(format, of[1:]...) + ": "
	}
	return fmt.Sprint(of...) + ": "
}

// These end the test: what follows relies on them.

// same compares deeply; of says what, as for Sprintf.
func same(t *testing.T, want, got any, of ...any) {
	t.Helper()
	if !reflect.DeepEqual(want, got) {
		t.Fatalf("%sgot %v, want %v", note(of), got, want)
	}
}

func holds(t *testing.T, ok bool, of ...any) {
	t.Helper()
	if !ok {
		t.Fatalf("%sdoes not hold", note(of))
	}
}

func near(t *testing.T, want, got float64) {
	t.Helper()
	if math.Abs(want-got) > 1e-9 {
		t.Fatalf("got %v, want %v", got, want)
	}
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
