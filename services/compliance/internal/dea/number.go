package dea

// CheckDigitHolds says whether the last digit of a DEA number follows from the others: with the digits d1 to d7, the last
// digit of (d1+d3+d5) + 2(d2+d4+d6) is d7. number must have the form of one.
//
// It sees every exchange of two neighbours, since their weights differ by an odd number prime to ten, and every single wrong
// digit but one kind: in d2, d4 and d6, whose weight is two, a digit wrong by exactly five. The letters are not covered at all.
// A number of the right form is not yet a registration: only the DEA knows that.
func CheckDigitHolds(number string) bool {
	d := func(i int) int { return int(number[1+i] - '0') }
	sum := d(1) + d(3) + d(5) + 2*(d(2)+d(4)+d(6))
	return sum%10 == d(7)
}
