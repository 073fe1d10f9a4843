// Package note keeps clinical notes: drafts until signed, amended afterwards, and every text that ever stood there.
package note
