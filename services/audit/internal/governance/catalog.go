package governance

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/fusionems/quantum/pkg/errs"
)

//go:embed seeds/*.json
var seeds embed.FS

const (
	schemaSuffix = ".schema.json"
	seedSuffix   = ".json"
)

// kind is what is known of a policy before any version of it.
type kind struct {
	key, description string
	schema           *jsonschema.Schema
	seed             []byte // canonical JSON
}

// Catalog is the list of policies.
type Catalog struct{ kinds []kind }

// LoadCatalog reads the embedded schemas and seeds and checks every seed.
func LoadCatalog() (Catalog, error) {
	folder, err := fs.Sub(seeds, "seeds")
	if err != nil {
		return Catalog{}, err
	}
	return loadCatalog(folder)
}

func loadCatalog(folder fs.FS) (Catalog, error) {
	names, err := fs.Glob(folder, "*"+schemaSuffix)
	if err != nil {
		return Catalog{}, err
	}
	var c Catalog
	for _, name := range names {
		k, err := loadKind(folder, strings.TrimSuffix(name, schemaSuffix))
		if err != nil {
			return Catalog{}, fmt.Errorf("governance: %s: %w", name, err)
		}
		c.kinds = append(c.kinds, k)
	}
	slices.SortFunc(c.kinds, func(a, b kind) int { return strings.Compare(a.key, b.key) })
	return c, nil
}

func loadKind(folder fs.FS, key string) (kind, error) {
	raw, err := fs.ReadFile(folder, key+schemaSuffix)
	if err != nil {
		return kind{}, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return kind{}, err
	}
	k := kind{key: key}
	if k.schema, err = compile(key, doc); err != nil {
		return kind{}, err
	}
	if k.description = k.schema.Description; k.description == "" {
		k.description = k.schema.Title
	}
	seed, err := fs.ReadFile(folder, key+seedSuffix)
	if err != nil {
		return kind{}, err
	}
	if k.seed, _, err = canonical(seed); err != nil {
		return kind{}, err
	}
	return k, k.check(k.seed)
}

// compile refuses references to anything outside of the document: nothing is fetched.
func compile(key string, doc any) (*jsonschema.Schema, error) {
	url := "urn:fleet:policy:" + key
	if m, ok := doc.(map[string]any); ok {
		if id, ok := m["$id"].(string); ok {
			url = id
		}
	}
	c := jsonschema.NewCompiler()
	c.UseLoader(jsonschema.SchemeURLLoader{})
	if err := c.AddResource(url, doc); err != nil {
		return nil, err
	}
	return c.Compile(url)
}

// Keys are the keys of all policies, sorted.
func (c Catalog) Keys() []string {
	keys := make([]string, len(c.kinds))
	for i, k := range c.kinds {
		keys[i] = k.key
	}
	return keys
}

func (c Catalog) find(key string) (kind, error) {
	i := slices.IndexFunc(c.kinds, func(k kind) bool { return k.key == key })
	if i < 0 {
		return kind{}, errs.New(errs.NotFound, ReasonUnknown, "no such policy; there are "+strings.Join(c.Keys(), ", "))
	}
	return c.kinds[i], nil
}

// check names every place of the document that the schema does not allow.
func (k kind) check(document []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(document))
	if err != nil {
		return errs.New(errs.Invalid, ReasonInvalid, "the document is not JSON", errs.WithCause(err))
	}
	err = k.schema.Validate(doc)
	if err == nil {
		return nil
	}
	var bad *jsonschema.ValidationError
	if !errors.As(err, &bad) {
		return err
	}
	return errs.New(errs.Invalid, ReasonInvalid, "the document does not fit the schema of "+k.key, errs.WithFields(places(bad)...))
}

// maxPlaces keeps the answer readable; a document with more mistakes is fixed in rounds.
const maxPlaces = 50

// places are the innermost causes: JSON pointer, schema keyword, and what would be right.
func places(e *jsonschema.ValidationError) []errs.Field {
	if len(e.Causes) == 0 {
		keyword := "schema"
		if path := e.ErrorKind.KeywordPath(); len(path) > 0 {
			keyword = path[len(path)-1]
		}
		return []errs.Field{{
			Field: pointer(e.InstanceLocation), Rule: "jsonschema." + keyword,
			Message: e.ErrorKind.LocalizedString(message.NewPrinter(language.English)),
		}}
	}
	var out []errs.Field
	for _, cause := range e.Causes {
		out = append(out, places(cause)...)
	}
	return out[:min(len(out), maxPlaces)]
}

// pointer is a JSON pointer (RFC 6901) into the document.
func pointer(path []string) string {
	escape := strings.NewReplacer("~", "~0", "/", "~1")
	p := "/document"
	for _, s := range path {
		p += "/" + escape.Replace(s)
	}
	return p
}
