// Package web holds the built page of CareFusion.
package web
