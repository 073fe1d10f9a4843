package keycloak

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// DifferenceError lists what a realm does not hold of its file.
type DifferenceError struct{ Places []string }

func (e *DifferenceError) Error() string {
	return "keycloak: the realm is not as its file says:\n  " + strings.Join(e.Places, "\n  ")
}

// Check compares a realm with its file; a difference is a *DifferenceError.
func (a *Admin) Check(ctx context.Context, want Realm) error {
	held, err := a.Export(ctx)
	if err != nil {
		return err
	}
	if places := Dropped(want, held); len(places) > 0 {
		return &DifferenceError{places}
	}
	return nil
}

// Apply brings a realm in line with a newer file, and makes it where it is missing. People, machines, keys and whatever the file does not name stay.
// What the file names is exactly as it says: a mapper, a scope or a role of a scope that was added by hand goes.
//
// Authentication flows are only compared: Keycloak changes them step by step, and between two steps people would sign in by half of one.
func (a *Admin) Apply(ctx context.Context, want Realm) error {
	err := a.Get(ctx, nil)
	if isStatus(err, http.StatusNotFound) {
		if err := a.do(ctx, http.MethodPost, "/admin/realms", want, nil); err != nil {
			return err
		}
		// What may be done in the new realm is in tokens that were made after it.
		a.forget()
		return a.Check(ctx, want)
	}
	if err != nil {
		return err
	}
	for _, step := range []func(context.Context, Realm) error{
		a.applySettings, a.applyRoles, a.applyScopes, a.applyClients, a.applyScopeMappings, a.applyActions, a.applyProfile,
	} {
		if err := step(ctx, want); err != nil {
			return err
		}
	}
	return a.Check(ctx, want)
}

// apart are the parts of a realm that have addresses of their own.
var apart = []string{
	"roles", "clientScopes", "scopeMappings", "clients", "components", "authenticationFlows", "authenticatorConfig", "requiredActions",
	"defaultDefaultClientScopes",
}

func (a *Admin) applySettings(ctx context.Context, want Realm) error {
	settings := dict{}
	for k, v := range want {
		if !slices.Contains(apart, k) {
			settings[k] = v
		}
	}
	return a.do(ctx, http.MethodPut, a.path(), settings, nil)
}

func (a *Admin) applyRoles(ctx context.Context, want Realm) error {
	roles, _ := want["roles"].(map[string]any)
	for _, r := range list(roles["realm"]) {
		err := a.do(ctx, http.MethodPut, a.path("roles", text(r["name"])), r, nil)
		if isStatus(err, http.StatusNotFound) {
			err = a.Create(ctx, r, "roles")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *Admin) applyActions(ctx context.Context, want Realm) error {
	for _, action := range list(want["requiredActions"]) {
		if err := a.do(ctx, http.MethodPut, a.path("authentication", "required-actions", text(action["alias"])), action, nil); err != nil {
			return err
		}
	}
	return nil
}

// applyProfile writes who may see and change which attribute of a person.
func (a *Admin) applyProfile(ctx context.Context, want Realm) error {
	components, _ := want["components"].(map[string]any)
	for _, c := range list(components["org.keycloak.userprofile.UserProfileProvider"]) {
		config, _ := c["config"].(map[string]any)
		for _, text := range texts(config["kc.user.profile.config"]) {
			var profile dict
			if err := json.Unmarshal([]byte(text), &profile); err != nil {
				return fmt.Errorf("keycloak: user profile: %w", err)
			}
			if err := a.do(ctx, http.MethodPut, a.path("users", "profile"), profile, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

func texts(v any) []string {
	items, _ := v.([]any)
	var out []string
	for _, i := range items {
		if s, ok := i.(string); ok {
			out = append(out, s)
		}
	}
	return out
}
