// Package qa is the service that reviews the quality of care: it judges every imported chart by the governed triggers and
// keeps the cases that follow.
//
// It is separate because quality and peer review are privileged: neither the charts' owners nor billing may reach its tables.
package qa
