// Package schema writes the values schemas of the charts, with what charts/guardrails.yaml fixes as constants.
package schema
