package pages

import (
	"bytes"
	"embed"
	"html/template"
	"maps"
	"net/http"
	"slices"
	"strings"
)

//go:embed templates/*.html
var templates embed.FS

// Page is one of the pages of this package.
type Page interface {
	template() string
	frame() Frame
}

// Frame is what all pages share.
type Frame struct {
	// Base is the path of the realm, below which the pages' own files are.
	Base string
	// FormTargets are origins that a form of the page may lead on to.
	FormTargets []string
}

func (f Frame) frame() Frame { return f }

// Form is a page with the form of a step.
type Form struct {
	Frame
	// Action is where the form goes, Token what shows that it came from this page, Step what it was shown for.
	Action, Token, Step string
	// Problem is what was wrong with the form before, as a whole; Fields, by the name of a field.
	Problem string
	Fields  map[string]string
}

// Problems are all of them in the order of their fields, for the summary above the form.
func (f Form) Problems() []Problem {
	var out []Problem
	if f.Problem != "" {
		out = append(out, Problem{Text: f.Problem})
	}
	// username comes after password by name and before it on the page.
	for _, name := range slices.Backward(slices.Sorted(maps.Keys(f.Fields))) {
		out = append(out, Problem{Field: name, Text: f.Fields[name]})
	}
	return out
}

// Problem is one thing that was wrong; Field is "" for the form as a whole.
type Problem struct{ Field, Text string }

// Password is the first page of a sign-in.
type Password struct {
	Form
	Username string
	// Demo says where the accounts of a demo installation are found.
	Demo bool
}

// Code asks for the second factor.
type Code struct {
	Form
	Username string
	Demo     *Demo
}

// Demo is what the demo authenticator shows; Code is "" while all codes of the moment are used.
type Demo struct {
	Code    string
	Seconds int
}

// Enrolment sets an authenticator up.
type Enrolment struct {
	Code
	// Secret is the key as text, Address the same as authenticator apps read it.
	Secret, Address string
}

// Message says something, with a way on where there is one. Reference finds what happened in the log.
type Message struct {
	Frame
	Title, Text     string
	Reference       string
	Next, NextLabel string
}

// Question asks before something is done.
type Question struct {
	Frame
	Title, Text   string
	Action, Label string
	Hidden        map[string]string
}

func (Password) template() string  { return "password.html" }
func (Code) template() string      { return "code.html" }
func (Enrolment) template() string { return "enrolment.html" }
func (Message) template() string   { return "message.html" }
func (Question) template() string  { return "question.html" }

// Set is the pages, ready to be shown.
type Set struct {
	byName map[string]*template.Template
	assets *assets
}

// New reads the pages.
func New() (*Set, error) {
	s := &Set{byName: map[string]*template.Template{}}
	var err error
	if s.assets, err = readAssets(); err != nil {
		return nil, err
	}
	for _, name := range []string{"password.html", "code.html", "enrolment.html", "message.html", "question.html"} {
		t := template.New("layout.html").Funcs(template.FuncMap{
			"asset": s.assets.path, "groups": groups, "qr": qrPath, "app": func(a string) template.URL { return template.URL(a) },
		})
		if s.byName[name], err = t.ParseFS(templates, "templates/layout.html", "templates/form.html", "templates/"+name); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Show answers with a page. An error means that nothing was answered yet.
func (s *Set) Show(w http.ResponseWriter, status int, page Page) error {
	var out bytes.Buffer
	if err := s.byName[page.template()].ExecuteTemplate(&out, "layout.html", page); err != nil {
		return err
	}
	Harden(w.Header(), page.frame().FormTargets)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	// The status line is out: a browser that has gone away by now is nobody's error.
	_, _ = w.Write(out.Bytes())
	return nil
}

// Harden sets what keeps a page from being framed, kept, or made to run or load anything but its own files.
func Harden(h http.Header, formTargets []string) {
	policy := "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; " +
		"frame-ancestors 'none'; form-action " + strings.Join(append([]string{"'self'"}, formTargets...), " ")
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Frame-Options", "DENY")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// groups cuts a text into groups that are read more easily.
func groups(size int, text string) string {
	var out []string
	for chunk := range slices.Chunk([]byte(text), size) {
		out = append(out, string(chunk))
	}
	return strings.Join(out, " ")
}
