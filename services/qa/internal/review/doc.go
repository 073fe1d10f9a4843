// Package review decides what the judgement of a chart means for the quality-review cases of its agency.
//
// One case per incident and review cycle. Several units' charts of one incident share the case, each with triggers of its
// own; a chart without an incident number is an incident by itself. A newer version of a chart replaces the chart's triggers
// and leaves the old ones as history. While nobody has begun to review, a chart on which nothing fires any more leaves the
// case, and a case without charts is withdrawn. Once a review has begun, a chart stays where it is. A closed case stays
// closed: a later version that fires something new opens the next cycle.
package review
