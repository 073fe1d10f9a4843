package pages

import (
	"fmt"
	"image/color"
	"regexp"
	"strings"
	"testing"

	"github.com/boombuler/barcode/qr"
)

var run = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)

// TestThePictureHoldsEveryModuleOnce draws the runs again and compares them with the code, module by module.
func TestThePictureHoldsEveryModuleOnce(t *testing.T) {
	const text = "otpauth://totp/FusionEMS%20Quantum:somebody?issuer=FusionEMS%20Quantum&secret=ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
	p, err := qrPath(text)
	if err != nil {
		t.Fatal(err)
	}
	drawn := map[[2]int]int{}
	for _, m := range run.FindAllStringSubmatch(p.Path, -1) {
		var x, y, length, back int
		if _, err := fmt.Sscan(strings.Join(m[1:], " "), &x, &y, &length, &back); err != nil || length != back {
			t.Fatalf("run %q: %v", m[0], err)
		}
		for i := range length {
			drawn[[2]int{x + i, y}]++
		}
	}
	if run.ReplaceAllString(p.Path, "") != "" {
		t.Errorf("the path holds more than runs: %q", run.ReplaceAllString(p.Path, ""))
	}
	code, err := qr.Encode(text, qr.L, qr.Auto)
	if err != nil {
		t.Fatal(err)
	}
	for y := range p.Size {
		for x := range p.Size {
			inside := x >= quietZone && y >= quietZone && x < p.Size-quietZone && y < p.Size-quietZone
			want := 0
			if inside && code.At(x-quietZone, y-quietZone) == color.Black {
				want = 1
			}
			if drawn[[2]int{x, y}] != want {
				t.Fatalf("module %d,%d is drawn %d times, want %d", x, y, drawn[[2]int{x, y}], want)
			}
		}
	}
	if _, err := qrPath(strings.Repeat("x", 5000)); err == nil {
		t.Error("a text that no code can hold was drawn")
	}
}
