// Package score has kube-score look at what the charts render, and holds each of its findings against a list of decisions.
package score
