package demo

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
)

// Provision registers the agencies that are not there yet and binds each medic to crew ids of the agency's charts. save
// is called whenever the accounts have changed: a start that is cut short goes on where it was. Every step may be repeated.
func Provision(ctx context.Context, e *Edge, a *Accounts, profiles []Profile, save func() error) error {
	founder, err := e.personToken(ctx, a, -1, "founder")
	if err != nil {
		return err
	}
	for i, p := range profiles {
		if a.Agencies[i].ID != 0 {
			continue
		}
		if a.Agencies[i].ID, err = createAgency(ctx, e, founder, p, a.Agencies[i].RequestID); err != nil {
			return err
		}
	}
	if err := save(); err != nil {
		return err
	}
	for i, p := range profiles {
		admin, err := e.personToken(ctx, a, i, "agency_administrator")
		if err != nil {
			return err
		}
		for _, u := range a.Users {
			crewIDs := p.Medics[u.Name]
			if crewIDs == nil {
				continue
			}
			path := "/api/clinical/personnel/" + url.PathEscape(u.ID)
			if err := e.call(ctx, admin, http.MethodPut, path, map[string]any{"crewIds": crewIDs}, nil); err != nil {
				return err
			}
		}
	}
	a.Provisioned = true
	return save()
}

func createAgency(ctx context.Context, e *Edge, token string, p Profile, requestID string) (int64, error) {
	body := map[string]any{
		"displayName": p.DisplayName, "stateUniqueId": p.Charts.UniqueID, "agencyNumber": p.Charts.Number,
		"stateCode": p.Charts.State, "timeZone": p.TimeZone,
	}
	// A 64-bit integer is text in the JSON form of protobuf.
	var created struct {
		ID int64 `json:"id,string"`
	}
	path := "/api/agencies?requestId=" + url.QueryEscape(requestID)
	if err := e.call(ctx, token, http.MethodPost, path, body, &created); err != nil {
		return 0, err
	}
	if created.ID == 0 {
		return 0, fmt.Errorf("agency %s: the answer has no id", p.Slug)
	}
	return created.ID, nil
}

// personToken logs in the person who has a role in an agency, -1 for the founder, once.
func (e *Edge) personToken(ctx context.Context, a *Accounts, agency int, role string) (string, error) {
	u := a.user(agency, role)
	if token, ok := e.people[u.Name]; ok {
		return token, nil
	}
	t, err := e.PersonToken(ctx, u.Name, a.Password, u.TOTPSecret)
	if err != nil {
		return "", fmt.Errorf("login of %s: %w", u.Name, err)
	}
	e.people[u.Name] = t.AccessToken
	return t.AccessToken, nil
}
