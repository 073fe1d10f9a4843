// Package chart holds the facts of one patient care report that quality review,
// billing and reports need, and the rules that are the same for all of them:
// the four states of an element, the intervals between times, what counts as a
// transport or a refusal, the patient's age in years.
//
// A chart's facts carry no names, no birth date, no street address, no free
// text and no member numbers. What is needed of those is reduced before it gets
// here: the age instead of the birth date, the length of the narrative instead
// of the narrative, the presence of a policy number instead of the number.
package chart
