// Package spreadsheet makes cells of exports safe for the programs that open them.
package spreadsheet
