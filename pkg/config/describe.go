package config

import (
	"fmt"
	"reflect"
	"strings"
)

// Variable is one documented setting.
type Variable struct {
	Name        string
	Description string
	Default     string
	Required    bool
	Secret      bool
}

var secretType = reflect.TypeFor[Secret]()

// Describe lists the variables of dst and fails when one has no description.
func Describe(dst any) ([]Variable, error) {
	t := reflect.TypeOf(dst)
	if t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("config: %T is not a pointer to a struct", dst)
	}
	return describe(t.Elem())
}

func describe(t reflect.Type) ([]Variable, error) {
	var out []Variable
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			inner, err := describe(f.Type)
			if err != nil {
				return nil, err
			}
			out = append(out, inner...)
			continue
		}
		name, opts, _ := strings.Cut(f.Tag.Get("env"), ",")
		if name == "" {
			continue
		}
		v := Variable{
			Name: Prefix + name, Description: f.Tag.Get("desc"), Default: f.Tag.Get("envDefault"),
			Required: strings.Contains(opts, "required") || strings.Contains(opts, "notEmpty"),
			Secret:   f.Type == secretType,
		}
		if v.Description == "" {
			return nil, fmt.Errorf("config: %s has no desc tag", v.Name)
		}
		out = append(out, v)
	}
	return out, nil
}
