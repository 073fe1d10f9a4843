// Package isolation proves that the fleet and CareFusion are built, run and stopped without each other, and say nothing to each other.
package isolation
