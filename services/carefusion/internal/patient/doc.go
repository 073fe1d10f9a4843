// Package patient keeps the people who are cared for. Who they are is sealed; only the state they are in is readable to SQL.
package patient
