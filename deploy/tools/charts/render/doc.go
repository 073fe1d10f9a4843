// Package render renders a chart in this process, as Helm 3 and as Helm 4 do it.
package render
