package images

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Target is one image: a binary of a module.
type Target struct {
	// Name of the binary, e.g. qa.
	Name string
	// Module is the module's folder below the root, and Package the main package in it.
	Module, Package string
	// Repository is the path in a registry, e.g. fusionems/qa. What trusts each other less than a namespace does not share one.
	Repository string
}

// apart are the services that are delivered on their own: own chart, own namespace, own repository path.
var apart = map[string]string{"billing": "fusionems-billing", "carefusion": "carefusion"}

// Catalog lists the images of a checkout: the gateway, and every service by its folder.
func Catalog(root string) ([]Target, error) {
	modules, err := filepath.Glob(filepath.Join(root, "services", "*", "go.mod"))
	if err != nil {
		return nil, err
	}
	folders := []string{"gateway"}
	for _, m := range modules {
		folders = append(folders, path.Join("services", filepath.Base(filepath.Dir(m))))
	}
	var out []Target
	for _, folder := range folders {
		name := path.Base(folder)
		family, ok := apart[name]
		if !ok {
			family = "fusionems"
		}
		t := Target{Name: name, Module: folder, Package: "./cmd/" + name, Repository: family + "/" + name}
		if _, err := os.Stat(filepath.Join(root, folder, "cmd", name)); err != nil {
			return nil, fmt.Errorf("images: the module %s has no cmd/%s", folder, name)
		}
		out = append(out, t)
	}
	if len(out) == 1 {
		return nil, errors.New("images: no services here; name the root of the checkout")
	}
	slices.SortFunc(out, func(a, b Target) int { return strings.Compare(a.Repository, b.Repository) })
	return out, nil
}

// Only keeps the targets of these names; all without names.
func Only(targets []Target, names []string) ([]Target, error) {
	if len(names) == 0 {
		return targets, nil
	}
	var out []Target
	for _, n := range names {
		i := slices.IndexFunc(targets, func(t Target) bool { return t.Name == n })
		if i < 0 {
			return nil, fmt.Errorf("images: no image is called %q", n)
		}
		out = append(out, targets[i])
	}
	return out, nil
}
