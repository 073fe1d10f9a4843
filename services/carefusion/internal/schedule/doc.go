// Package schedule derives the slots of providers from their hours and books them, each one once.
//
// Hours are wall-clock times in the provider's zone. A window becomes two instants, and slots are steps of absolute time
// between them, so that a slot is as long as it says on the days when clocks change, and a window may go past midnight.
package schedule
