package report

import "encoding/json"

// Define reads the definition that an execution was made by, so that a test can compute it again at its mark.
func Define(e Execution) (Definition, error) {
	var d Definition
	err := json.Unmarshal([]byte(e.Definition.Canonical), &d)
	d.from, d.to = e.From, e.To
	return d, err
}
