// Package isolation proves from rendered manifests that deliveries share nothing and reach only what they may.
//
// It knows nothing of the charts: what it says holds for whatever objects it is given. Who reaches whom is asked of an evaluator of network
// policies that others wrote (cyclonus), so that a misunderstanding of ours does not prove itself.
package isolation
