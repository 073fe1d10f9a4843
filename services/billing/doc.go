// Package billing is the service that turns charts into ambulance claims.
//
// It is separate because it holds money and the keys of the payment processor, and because no clinical table may be needed
// to bill.
package billing
