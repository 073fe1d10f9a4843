// Package civil turns dates without a time between their forms.
package civil
