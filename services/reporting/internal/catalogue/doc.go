// Package catalogue holds the metrics and report templates, as data with a version.
//
// The version stands in every definition that is hashed: a change of what a figure means is a new version.
package catalogue
