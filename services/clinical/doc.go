// Package clinical is the service that alone holds the chart: it takes NEMSIS documents in, keeps them sealed, and gives
// each caller what the caller's role may see.
package clinical
