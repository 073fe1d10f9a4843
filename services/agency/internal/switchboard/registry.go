package switchboard

import (
	_ "embed" // the registry
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/fusionems/quantum/pkg/errs"
)

// Entry is one module of the registry.
type Entry struct {
	Module   string   `json:"module"`
	Requires []string `json:"requires"`
}

// Registry lists the modules of the product; a module stands after those it needs.
type Registry struct{ entries []Entry }

//go:embed modules.json
var modulesJSON []byte

// LoadRegistry reads the embedded registry.
func LoadRegistry() (Registry, error) { return parseRegistry(modulesJSON) }

func parseRegistry(doc []byte) (Registry, error) {
	var entries []Entry
	if err := json.Unmarshal(doc, &entries); err != nil {
		return Registry{}, fmt.Errorf("switchboard: module registry: %w", err)
	}
	known := map[string]bool{}
	for _, e := range entries {
		if e.Module == "" || known[e.Module] {
			return Registry{}, fmt.Errorf("switchboard: module registry: %q is empty or listed twice", e.Module)
		}
		for _, r := range e.Requires {
			if !known[r] {
				return Registry{}, fmt.Errorf("switchboard: module registry: %s requires %q, which is not listed before it", e.Module, r)
			}
		}
		known[e.Module] = true
	}
	return Registry{entries: entries}, nil
}

// Modules are the keys of all modules.
func (r Registry) Modules() []string {
	keys := make([]string, len(r.entries))
	for i, e := range r.entries {
		keys[i] = e.Module
	}
	return keys
}

func (r Registry) find(module string) (Entry, error) {
	i := slices.IndexFunc(r.entries, func(e Entry) bool { return e.Module == module })
	if i < 0 {
		return Entry{}, errs.New(errs.NotFound, ReasonModuleUnknown, "no such module; there are "+strings.Join(r.Modules(), ", "))
	}
	return r.entries[i], nil
}

// mayBeOff refuses while something that is on needs the module.
func (r Registry) mayBeOff(module string, isOn func(string) bool) error {
	var needy []string
	for _, e := range r.entries {
		if isOn(e.Module) && slices.Contains(e.Requires, module) {
			needy = append(needy, e.Module)
		}
	}
	if len(needy) == 0 {
		return nil
	}
	list := strings.Join(needy, ", ")
	return errs.New(errs.Precondition, ReasonRequiredByOthers, "switch off first what needs this module: "+list, errs.WithMeta("modules", list))
}

// mayBeOn refuses while something that the module needs is off.
func (r Registry) mayBeOn(e Entry, isOn func(string) bool) error {
	var missing []string
	for _, m := range e.Requires {
		if !isOn(m) {
			missing = append(missing, m)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	list := strings.Join(missing, ", ")
	return errs.New(errs.Precondition, ReasonRequirementOff, "switch on first what this module needs: "+list, errs.WithMeta("modules", list))
}
