// Package jobs does what time asks for: it dates the alerts of all agencies.
package jobs
