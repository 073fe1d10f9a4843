// Package rpc answers fleet.reporting.v1.ReportService.
package rpc
