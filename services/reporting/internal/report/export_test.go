package report

// Define reads the definition that an execution was made by, so that a test can compute it again at its mark.
func Define(e Execution) (Definition, error) {
	return definitionOf(e.Definition.Canonical, e.From, e.To)
}
