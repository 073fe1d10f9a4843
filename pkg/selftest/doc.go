// Package selftest asks a deployed process whether its safeguards hold: peers refuse whom they must, and each answer is a line.
package selftest
