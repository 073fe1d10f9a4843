// Package delivery puts the charts into a control plane: object by object, or as Helm installs them.
package delivery
