// Command bench measures both sides of every budget of the fleet and prints them in one table.
//
//	go run ./deploy/bench [-only data,audit,charts,gateway,fleet]
//
// Each ratio is measured in one run, in rounds that take turns, and reported as the median over the rounds with its range: other
// work on the machine slows both sides. A missed budget is a figure like any other and no failure; a part that could not be
// measured is one.
package main
