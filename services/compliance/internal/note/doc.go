// Package note says what a compliance note is: authored, seen by some, and never changed.
package note
