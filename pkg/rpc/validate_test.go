package rpc

import "testing"

func TestFieldsAreNamedAsClientsWriteThem(t *testing.T) {
	for path, want := range map[string]string{
		"id": "id", "crew_ids": "crewIds", "crew_ids[1]": "crewIds[1]", "agency.state_unique_id": "agency.stateUniqueId",
		`labels["first_seen"].update_time`: `labels["first_seen"].updateTime`,
	} {
		if got := jsonPath(path); got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
	}
}
