package config

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/caarlos0/env/v11"
)

// Prefix of every variable. A variable with the prefix that no field knows is a mistake, not noise.
const Prefix = "FLEET_"

const fileSuffix = "_FILE"

// Load fills dst, a pointer to a struct whose fields have `env` and `desc` tags, from environ (as os.Environ).
// A field of type Secret may also be given as a file: FLEET_X_FILE names it.
func Load(dst any, environ []string) error {
	vars, err := Describe(dst)
	if err != nil {
		return err
	}
	values, err := known(vars, environ)
	if err != nil {
		return err
	}
	if err := readSecretFiles(vars, values); err != nil {
		return err
	}
	if err := env.ParseWithOptions(dst, env.Options{Prefix: Prefix, Environment: values}); err != nil {
		return fmt.Errorf("config: %w", err)
	}
	if v, ok := dst.(interface{ Validate() error }); ok {
		return v.Validate()
	}
	return nil
}

func known(vars []Variable, environ []string) (map[string]string, error) {
	names := map[string]bool{}
	for _, v := range vars {
		names[v.Name] = true
		if v.Secret {
			names[v.Name+fileSuffix] = true
		}
	}
	values := map[string]string{}
	var problems []error
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		if !strings.HasPrefix(name, Prefix) {
			continue
		}
		if !names[name] {
			problems = append(problems, fmt.Errorf("config: unknown variable %s", name))
			continue
		}
		values[name] = value
	}
	return values, errors.Join(problems...)
}

func readSecretFiles(vars []Variable, values map[string]string) error {
	for _, v := range vars {
		path, ok := values[v.Name+fileSuffix]
		if !v.Secret || !ok {
			continue
		}
		if _, twice := values[v.Name]; twice {
			return fmt.Errorf("config: %s and %s%s are both set", v.Name, v.Name, fileSuffix)
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("config: %s%s: %w", v.Name, fileSuffix, err)
		}
		values[v.Name] = strings.TrimRight(string(raw), "\r\n")
		delete(values, v.Name+fileSuffix)
	}
	return nil
}

// Renewed answers a function that reads a secret anew from the file which FLEET_<name>_FILE names in environ, for what may be replaced while the
// process runs. It is nil when the secret is no file.
func Renewed(environ []string, name string) func() (Secret, error) {
	var path string
	for _, kv := range environ {
		if k, v, _ := strings.Cut(kv, "="); k == Prefix+name+fileSuffix {
			path = v
		}
	}
	if path == "" {
		return nil
	}
	return func() (Secret, error) {
		raw, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("config: %s%s%s: %w", Prefix, name, fileSuffix, err)
		}
		var s Secret
		if err := s.UnmarshalText([]byte(strings.TrimRight(string(raw), "\r\n"))); err != nil {
			return "", fmt.Errorf("config: %s%s%s: %w", Prefix, name, fileSuffix, err)
		}
		return s, nil
	}
}

// Table renders the variables of dst for people.
func Table(dst any) (string, error) {
	vars, err := Describe(dst)
	if err != nil {
		return "", err
	}
	slices.SortFunc(vars, func(a, b Variable) int { return strings.Compare(a.Name, b.Name) })
	var b strings.Builder
	for _, v := range vars {
		name := v.Name
		if v.Secret {
			name += "[" + fileSuffix + "]"
		}
		fmt.Fprintf(&b, "%-44s %s", name, v.Description)
		switch {
		case v.Required:
			b.WriteString(" (required)")
		case v.Default != "":
			fmt.Fprintf(&b, " (default %s)", v.Default)
		}
		b.WriteByte('\n')
	}
	return b.String(), nil
}
