package cms

// NPIHolds says whether ten digits are an NPI by its check digit: Luhn over 80840 and the ten digits (ISO/IEC 7812, card issuer
// 80 for health, 840 for the United States).
//
// It sees every single wrong digit, and every exchange of two neighbours but 0 and 9.
func NPIHolds(npi string) bool {
	sum := 0
	for i, c := range "80840" + npi {
		d := int(c - '0')
		// Of fifteen digits the last is not doubled, so those at odd places from the left are not either.
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
