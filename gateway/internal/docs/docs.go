package docs

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"
)

//go:embed page.html
var pageTemplate string

//go:embed page.css
var style string

// spec is as much of an OpenAPI document as the page shows.
type spec struct {
	Info struct {
		Title, Version string
	}
	Tags []struct {
		Name, Description string
	}
	Paths      map[string]map[string]operation
	Components struct {
		Schemas map[string]schema
	}
}

type operation struct {
	Summary, Description string
	Tags                 []string
	Parameters           []struct {
		Name, In, Description string
		Required              bool
		Schema                schema
	}
	RequestBody struct {
		Content map[string]media
	}
	Responses map[string]struct {
		Content map[string]media
	}
}

type media struct {
	Schema schema
}

type schema struct {
	Ref         string `json:"$ref"`
	Type        string
	Format      string
	Title       string
	Description string
	Enum        []any
	Items       *schema
	Properties  map[string]schema
}

type call struct {
	Method, Path, Summary string
	Parameters            []parameter
	Body, Answer          link
}

type parameter struct{ Name, In, Type, Description string }

type link struct{ Text, Ref string }

type group struct {
	Name, Description string
	Calls             []call
}

type object struct {
	Name, Description string
	Fields            []field
	Values            []any
}

type field struct {
	Name, Description string
	Type              link
}

// Handler serves /openapi.json, /docs and its style.
type Handler struct {
	openapi, page []byte
}

// New renders the page once.
func New(openapi []byte) (*Handler, error) {
	var s spec
	if err := json.Unmarshal(openapi, &s); err != nil {
		return nil, fmt.Errorf("docs: %w", err)
	}
	t, err := template.New("page").Parse(pageTemplate)
	if err != nil {
		return nil, fmt.Errorf("docs: %w", err)
	}
	var b bytes.Buffer
	err = t.Execute(&b, map[string]any{"Info": s.Info, "Groups": groups(s), "Objects": objects(s), "Style": template.CSS(style)})
	if err != nil {
		return nil, fmt.Errorf("docs: %w", err)
	}
	return &Handler{openapi: openapi, page: b.Bytes()}, nil
}

// OpenAPI serves the document.
func (h *Handler) OpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(h.openapi)
}

// Page serves the readable page. Its policy allows one style, by hash, and nothing else.
func (h *Handler) Page(w http.ResponseWriter, _ *http.Request) {
	sum := sha256.Sum256([]byte(style))
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+
		"'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Cache-Control", "no-cache")
	_, _ = w.Write(h.page)
}

var methods = []string{"get", "post", "put", "patch", "delete"}

func groups(s spec) []group {
	byTag := map[string]*group{}
	var out []*group
	for _, t := range s.Tags {
		g := &group{Name: t.Name, Description: t.Description}
		byTag[t.Name] = g
		out = append(out, g)
	}
	for _, path := range slices.Sorted(maps.Keys(s.Paths)) {
		for _, m := range methods {
			op, ok := s.Paths[path][m]
			if !ok || len(op.Tags) == 0 || byTag[op.Tags[0]] == nil {
				continue
			}
			g := byTag[op.Tags[0]]
			g.Calls = append(g.Calls, callOf(strings.ToUpper(m), path, op))
		}
	}
	var used []group
	for _, g := range out {
		if len(g.Calls) > 0 {
			used = append(used, *g)
		}
	}
	return used
}

func callOf(method, path string, op operation) call {
	c := call{Method: method, Path: path, Summary: op.Summary, Body: mediaLink(op.RequestBody.Content), Answer: mediaLink(op.Responses["200"].Content)}
	for _, p := range op.Parameters {
		c.Parameters = append(c.Parameters, parameter{p.Name, p.In, linkOf(p.Schema).Text, p.Description})
	}
	return c
}

func mediaLink(content map[string]media) link {
	names := slices.Sorted(maps.Keys(content))
	if len(names) == 0 {
		return link{}
	}
	if l := linkOf(content[names[0]].Schema); l.Ref != "" {
		return l
	}
	return link{Text: names[0]}
}

func objects(s spec) []object {
	var out []object
	for _, name := range slices.Sorted(maps.Keys(s.Components.Schemas)) {
		sc := s.Components.Schemas[name]
		o := object{Name: name, Description: text(sc), Values: sc.Enum}
		for _, f := range slices.Sorted(maps.Keys(sc.Properties)) {
			o.Fields = append(o.Fields, field{f, text(sc.Properties[f]), linkOf(sc.Properties[f])})
		}
		out = append(out, o)
	}
	return out
}

func text(s schema) string {
	if s.Description != "" {
		return s.Description
	}
	return s.Title
}

func linkOf(s schema) link {
	switch {
	case s.Ref != "":
		name := s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
		return link{name, name}
	case s.Type == "array" && s.Items != nil:
		l := linkOf(*s.Items)
		return link{"list of " + l.Text, l.Ref}
	case s.Format != "":
		return link{Text: s.Type + " (" + s.Format + ")"}
	default:
		return link{Text: s.Type}
	}
}
