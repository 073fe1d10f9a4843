package keycloak

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
)

// Realm is a realm in the form of its file.
type Realm map[string]any

// Read reads a realm's file and fills its ${…} as Keycloak does at import.
func Read(file string, values map[string]string) (Realm, error) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	text := string(raw)
	for k, v := range values {
		// JSON's own escapes: a value goes where a string is.
		quoted, err := json.Marshal(v)
		if err != nil {
			return nil, err
		}
		text = strings.ReplaceAll(text, "${"+k+"}", strings.Trim(string(quoted), `"`))
	}
	if left := placeholder.FindString(text); left != "" {
		return nil, fmt.Errorf("%s: nothing fills %s", file, left)
	}
	var r Realm
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return r, nil
}

// placeholder is what an environment variable fills; Keycloak's own message keys are in lower case.
var placeholder = regexp.MustCompile(`\$\{[A-Z][A-Z0-9_]*\}`)

// Name is the realm's name.
func (r Realm) Name() (string, error) {
	name := text(r["realm"])
	if name == "" {
		return "", errors.New("keycloak: the file names no realm")
	}
	return name, nil
}

// Export is the realm as Keycloak holds it, without its people, and with the secrets of clients.
func (a *Admin) Export(ctx context.Context) (Realm, error) {
	var r Realm
	path := a.path("partial-export") + "?exportClients=true&exportGroupsAndRoles=true"
	if err := a.do(ctx, http.MethodPost, path, nil, &r); err != nil {
		return nil, err
	}
	return r, a.uncoverSecrets(ctx, r)
}

// uncoverSecrets puts the secrets of confidential clients where an export has blacked them out.
func (a *Admin) uncoverSecrets(ctx context.Context, r Realm) error {
	for _, c := range list(r["clients"]) {
		if c["secret"] == nil {
			continue
		}
		var secret struct {
			Value string `json:"value"`
		}
		if err := a.Get(ctx, &secret, "clients", text(c["id"]), "client-secret"); err != nil {
			return err
		}
		c["secret"] = secret.Value
	}
	return nil
}

func list(v any) []dict {
	items, _ := v.([]any)
	var out []dict
	for _, i := range items {
		if d, ok := i.(map[string]any); ok {
			out = append(out, d)
		}
	}
	return out
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// identifiers are what tells one object of a list from another, in the file and in Keycloak; internal ids differ from one import to the next.
var identifiers = []string{"clientId", "alias", "name", "username", "clientScope", "client", "authenticator", "flowAlias", "providerId"}

func nameOf(v any) (string, bool) {
	d, ok := v.(map[string]any)
	if !ok {
		return "", false
	}
	for _, key := range identifiers {
		if s := text(d[key]); s != "" {
			return key + "=" + s, true
		}
	}
	return "", false
}

// blackedOut is how Keycloak answers settings that it takes for secrets: those of the methods of a flow, which become amr. What it
// hides cannot be compared; that it is there can.
const blackedOut = "**********"

// Dropped lists what the file says and Keycloak does not hold, by its place in the file.
func Dropped(file, held Realm) []string {
	return dropped("", map[string]any(file), map[string]any(held))
}

func dropped(at string, want, have any) []string {
	switch want := want.(type) {
	case map[string]any:
		held, _ := have.(map[string]any)
		var out []string
		for k, v := range want {
			if h, ok := held[k]; ok {
				out = append(out, dropped(at+"/"+k, v, h)...)
			} else {
				out = append(out, at+"/"+k+" is not there")
			}
		}
		slices.Sort(out)
		return out
	case []any:
		held, _ := have.([]any)
		var out []string
		for _, v := range want {
			out = append(out, droppedItem(at, v, held)...)
		}
		return out
	default:
		if want != have && have != blackedOut {
			return []string{fmt.Sprintf("%s is %v, not %v", at, have, want)}
		}
		return nil
	}
}

func droppedItem(at string, want any, held []any) []string {
	name, ok := nameOf(want)
	for _, h := range held {
		if other, _ := nameOf(h); ok && other == name {
			return dropped(at+"/"+name, want, h)
		}
		if !ok && want == h {
			return nil
		}
	}
	return []string{fmt.Sprintf("%s/%s is not there", at, cmp.Or(name, fmt.Sprint(want)))}
}

// Canonical is a realm in a form that is the same for two that say the same: without internal ids, in one order.
func (r Realm) Canonical() ([]byte, error) {
	return json.MarshalIndent(canonical(map[string]any(r)), "", " ")
}

// internal are keys whose values Keycloak makes up at import.
var internal = []string{"id", "containerId", "parentId", "flowId", "authenticationConfig", "kid", "secret-creation-time", "client.secret.creation.time"}

func canonical(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			if !slices.Contains(internal, k) {
				out[k] = canonical(e)
			}
		}
		return out
	case []any:
		out := make([]any, 0, len(v))
		for _, e := range v {
			out = append(out, canonical(e))
		}
		slices.SortStableFunc(out, func(a, b any) int { return cmp.Compare(plain(a), plain(b)) })
		return out
	default:
		return v
	}
}

// plain orders what is canonical already: encoding/json sorts keys.
func plain(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(raw)
}
