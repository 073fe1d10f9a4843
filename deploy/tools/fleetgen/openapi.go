package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/getkin/kin-openapi/openapi2"
	"github.com/getkin/kin-openapi/openapi2conv"
	"github.com/getkin/kin-openapi/openapi3"
)

// writeOpenAPI3 turns the OpenAPI 2 document of the gateway plugin into OpenAPI 3, which
// client generators expect, and adds what the plugin cannot know: how callers authenticate
// and what an error looks like.
func writeOpenAPI3(in, out string) error {
	raw, err := os.ReadFile(in)
	if err != nil {
		return err
	}
	var v2 openapi2.T
	if err := json.Unmarshal(raw, &v2); err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	if err := namedBodies(&v2); err != nil {
		return fmt.Errorf("%s: %w", in, err)
	}
	v3, err := openapi2conv.ToV3(&v2)
	if err != nil {
		return err
	}
	v3.OpenAPI = "3.0.3"
	v3.Info.Title = "FusionEMS Quantum API"
	v3.Info.Version = "v1"
	v3.Components.SecuritySchemes = openapi3.SecuritySchemes{
		"bearer": {Value: openapi3.NewJWTSecurityScheme()},
	}
	v3.Security = *openapi3.NewSecurityRequirements().With(openapi3.NewSecurityRequirement().Authenticate("bearer"))
	binaryBodies(v3)
	addProblem(v3)
	return writeJSON(out, v3)
}

// addProblem gives every operation the RFC 9457 answer that the gateway sends for errors.
func addProblem(doc *openapi3.T) {
	str := func(desc string) *openapi3.SchemaRef {
		s := openapi3.NewStringSchema()
		s.Description = desc
		return s.NewRef()
	}
	field := openapi3.NewObjectSchema()
	field.Properties = openapi3.Schemas{
		"field": str("Field or NEMSIS element."), "rule": str("Rule that it breaks."),
		"message": str("What would be right."), "element": str("NEMSIS element."),
	}
	line := openapi3.NewInt32Schema()
	line.Description = "Line of the document."
	field.Properties["line"] = line.NewRef()
	problem := openapi3.NewObjectSchema()
	problem.Description = "Problem details, RFC 9457."
	problem.Properties = openapi3.Schemas{
		"type": str("URI of the kind of problem."), "title": str("Short summary."),
		"detail": str("What happened and what would be right."), "reason": str("Stable code."),
		"instance": str("Request id."),
	}
	status := openapi3.NewInt32Schema()
	status.Description = "HTTP status."
	problem.Properties["status"] = status.NewRef()
	errs := openapi3.NewArraySchema()
	errs.Items = field.NewRef()
	problem.Properties["errors"] = errs.NewRef()
	doc.Components.Schemas["Problem"] = problem.NewRef()

	desc := "Problem"
	answer := &openapi3.ResponseRef{Value: &openapi3.Response{
		Description: &desc,
		Content: openapi3.Content{"application/problem+json": {
			Schema: openapi3.NewSchemaRef("#/components/schemas/Problem", nil),
		}},
	}}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			op.Responses.Set("default", answer)
		}
	}
}

const httpBody = "#/definitions/apiHttpBody"

// namedBodies fails for an operation that takes or gives an HttpBody of no media type: the plugin would call it JSON.
func namedBodies(doc *openapi2.T) error {
	for path, item := range doc.Paths {
		for verb, op := range item.Operations() {
			for _, p := range op.Parameters {
				if p.In == "body" && p.Schema != nil && p.Schema.Ref == httpBody && len(op.Consumes) == 0 {
					return fmt.Errorf("%s %s takes a document: name its media type in openapiv2_operation.consumes", verb, path)
				}
			}
			for _, r := range op.Responses.Map() {
				if r.Schema != nil && r.Schema.Ref == httpBody && len(op.Produces) == 0 {
					return fmt.Errorf("%s %s answers a document: name its media type in openapiv2_operation.produces", verb, path)
				}
			}
		}
	}
	return nil
}

// binaryBodies makes bytes of every HttpBody: what it is on the wire, instead of the message that carries it between services.
func binaryBodies(doc *openapi3.T) {
	const ref = "#/components/schemas/apiHttpBody"
	document := openapi3.NewStringSchema()
	document.Format = "binary"
	replace := func(c openapi3.Content) {
		for _, m := range c {
			if m.Schema != nil && m.Schema.Ref == ref {
				m.Schema = document.NewRef()
			}
		}
	}
	for _, item := range doc.Paths.Map() {
		for _, op := range item.Operations() {
			if op.RequestBody != nil {
				replace(op.RequestBody.Value.Content)
			}
			for _, r := range op.Responses.Map() {
				replace(r.Value.Content)
			}
		}
	}
	delete(doc.Components.Schemas, "apiHttpBody")
}
