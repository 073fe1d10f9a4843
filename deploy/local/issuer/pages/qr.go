package pages

import (
	"fmt"
	"image/color"
	"strings"

	"github.com/boombuler/barcode/qr"
)

// quietZone is how many empty modules a scanner wants around a code.
const quietZone = 4

// picture is a QR code as the parts of an SVG image. It is drawn into the page: an image file of it would have to be kept
// somewhere, with the secret that it shows.
type picture struct {
	Size int
	Path string
}

// qrPath draws a text as a QR code: one horizontal line for each run of dark modules.
func qrPath(text string) (picture, error) {
	// A screen has no stains to correct for, so the lowest level will do, with the biggest modules.
	code, err := qr.Encode(text, qr.L, qr.Auto)
	if err != nil {
		return picture{}, fmt.Errorf("qr code: %w", err)
	}
	size := code.Bounds().Dx()
	dark := func(x, y int) bool { return x < size && code.At(x, y) == color.Black }
	var path strings.Builder
	for y := range size {
		for x := 0; x < size; x++ {
			from := x
			for dark(x, y) {
				x++
			}
			if x > from {
				fmt.Fprintf(&path, "M%d %dh%dv1h-%dz", from+quietZone, y+quietZone, x-from, x-from)
			}
		}
	}
	return picture{Size: size + 2*quietZone, Path: path.String()}, nil
}
