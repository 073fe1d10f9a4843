package keycloak

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
)

// applyScopes brings client scopes and their mappers in line.
func (a *Admin) applyScopes(ctx context.Context, want Realm) error {
	held, err := a.named(ctx, "name", "client-scopes")
	if err != nil {
		return err
	}
	for _, s := range list(want["clientScopes"]) {
		name := text(s["name"])
		id := text(held[name]["id"])
		if id == "" {
			if err := a.Create(ctx, s, "client-scopes"); err != nil {
				return fmt.Errorf("scope %s: %w", name, err)
			}
			continue
		}
		if err := a.do(ctx, http.MethodPut, a.path("client-scopes", id), without(s, "protocolMappers"), nil); err != nil {
			return fmt.Errorf("scope %s: %w", name, err)
		}
		if err := a.applyMappers(ctx, a.path("client-scopes", id), list(s["protocolMappers"])); err != nil {
			return fmt.Errorf("scope %s: %w", name, err)
		}
	}
	return nil
}

// applyMappers makes the mappers of a scope or client those that are wanted.
func (a *Admin) applyMappers(ctx context.Context, owner string, want []dict) error {
	path := owner + "/protocol-mappers/models"
	var all []dict
	if err := a.do(ctx, http.MethodGet, path, nil, &all); err != nil {
		return err
	}
	held := map[string]dict{}
	for _, m := range all {
		held[text(m["name"])] = m
	}
	for _, m := range want {
		name := text(m["name"])
		old, ok := held[name]
		delete(held, name)
		if ok && len(dropped("", m, old)) == 0 {
			continue
		}
		method, to, body := http.MethodPost, path, maps.Clone(m)
		if ok {
			method, to, body["id"] = http.MethodPut, path+"/"+text(old["id"]), old["id"]
		}
		if err := a.do(ctx, method, to, body, nil); err != nil {
			return err
		}
	}
	for _, m := range held {
		if err := a.do(ctx, http.MethodDelete, path+"/"+text(m["id"]), nil, nil); err != nil {
			return err
		}
	}
	return nil
}

// applyClients brings clients in line, their secrets included, and the scopes that each gets.
func (a *Admin) applyClients(ctx context.Context, want Realm) error {
	scopes, err := a.named(ctx, "name", "client-scopes")
	if err != nil {
		return err
	}
	for _, c := range list(want["clients"]) {
		id, err := a.PutClient(ctx, without(c, "protocolMappers"))
		if err != nil {
			return err
		}
		if err := a.applyMappers(ctx, a.path("clients", id), list(c["protocolMappers"])); err != nil {
			return err
		}
		for _, kind := range []string{"default", "optional"} {
			if err := a.applyClientScopes(ctx, id, kind, texts(c[kind+"ClientScopes"]), scopes); err != nil {
				return err
			}
		}
	}
	return nil
}

// applyClientScopes: an update of a client leaves its scopes as they are, so each is added and taken by itself.
func (a *Admin) applyClientScopes(ctx context.Context, client, kind string, want []string, all map[string]dict) error {
	held, err := a.named(ctx, "name", "clients", client, kind+"-client-scopes")
	if err != nil {
		return err
	}
	for _, name := range want {
		if _, ok := held[name]; ok {
			delete(held, name)
			continue
		}
		id := text(all[name]["id"])
		if id == "" {
			return fmt.Errorf("keycloak: there is no client scope %s", name)
		}
		if err := a.do(ctx, http.MethodPut, a.path("clients", client, kind+"-client-scopes", id), nil, nil); err != nil {
			return err
		}
	}
	for _, s := range held {
		if err := a.do(ctx, http.MethodDelete, a.path("clients", client, kind+"-client-scopes", text(s["id"])), nil, nil); err != nil {
			return err
		}
	}
	return nil
}

// applyScopeMappings: which roles a scope or client lets into a token.
func (a *Admin) applyScopeMappings(ctx context.Context, want Realm) error {
	scopes, err := a.named(ctx, "name", "client-scopes")
	if err != nil {
		return err
	}
	for _, m := range list(want["scopeMappings"]) {
		owner := []string{"client-scopes", text(scopes[text(m["clientScope"])]["id"])}
		if name := text(m["client"]); name != "" {
			id, err := a.clientID(ctx, name)
			if err != nil {
				return err
			}
			owner = []string{"clients", id}
		}
		if owner[1] == "" {
			return fmt.Errorf("keycloak: a mapping names no scope or client that there is: %v", m)
		}
		if err := a.exactRoles(ctx, append(owner, "scope-mappings", "realm"), texts(m["roles"]), func(string) bool { return false }); err != nil {
			return err
		}
	}
	return nil
}

// exactRoles makes the roles that are mapped to something those that are wanted; kept says which others may stay.
func (a *Admin) exactRoles(ctx context.Context, at []string, want []string, kept func(string) bool) error {
	var held, add, drop []roleRef
	if err := a.Get(ctx, &held, at...); err != nil {
		return err
	}
	missing := slices.Clone(want)
	for _, r := range held {
		if i := slices.Index(missing, r.Name); i >= 0 {
			missing = slices.Delete(missing, i, i+1)
		} else if !kept(r.Name) {
			drop = append(drop, r)
		}
	}
	for _, name := range missing {
		var r roleRef
		if err := a.Get(ctx, &r, "roles", name); err != nil {
			return err
		}
		add = append(add, r)
	}
	if len(drop) > 0 {
		if err := a.do(ctx, http.MethodDelete, a.path(at...), drop, nil); err != nil {
			return err
		}
	}
	if len(add) > 0 {
		return a.do(ctx, http.MethodPost, a.path(at...), add, nil)
	}
	return nil
}

// named reads a list below the realm by the key that names its items.
func (a *Admin) named(ctx context.Context, key string, parts ...string) (map[string]dict, error) {
	var all []dict
	if err := a.Get(ctx, &all, parts...); err != nil {
		return nil, err
	}
	out := map[string]dict{}
	for _, d := range all {
		out[text(d[key])] = d
	}
	return out, nil
}

func without(d dict, key string) dict {
	out := maps.Clone(d)
	delete(out, key)
	return out
}
