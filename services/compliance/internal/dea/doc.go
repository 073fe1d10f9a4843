// Package dea says what a DEA registration is, which of its fields are wrong, and where it stands by its dates and policy.
package dea
