// Package registry decides what an agency of the fleet is: its identifiers, who may see it, and that it is registered once.
package registry
