// Package trigger decides which quality-review rules a chart fires: facts and a governance policy in, fired triggers out.
//
// It is pure: no clock, no store, no network. The same facts under the same policy version give the same answer, which is
// what lets a case name the version it was judged under. Thresholds, code sets and classes come from the policy; what is
// code here is only how a rule reads the chart.
//
// Unknown stays unknown: a fact that is absent, a not value or a pertinent negative never satisfies a condition, and a rule
// that measures never fires without its measurement.
package trigger
