package demo

import (
	"time"

	"github.com/fusionems/quantum/services/clinical/democharts"
)

// seed makes the demo charts the same in every installation, but for their dates.
const seed = 20260301

// Profile is an invented agency: what it is registered with and who works there. The crews are pairs, and each pair's
// paramedic has a login, so that each medic sees the charts of one crew and not of the other.
type Profile struct {
	Slug        string
	DisplayName string
	TimeZone    string
	Charts      democharts.Agency
	// Medics maps the login names of clinical staff to their crew ids.
	Medics map[string][]string
}

// Profiles are the two demo agencies, in the order in which documents and accounts count them.
func Profiles() []Profile {
	return []Profile{
		profile("lakeshore", "Lakeshore Ambulance", "America/Chicago", democharts.Agency{
			UniqueID: "WI-LKS-0417", Number: "LKS417", State: "55", County: "55025", ZIP: "53703", Units: []string{"Medic 41", "Medic 42"},
		}),
		profile("highplains", "High Plains EMS", "America/Denver", democharts.Agency{
			UniqueID: "CO-HPE-0082", Number: "HPE082", State: "08", County: "08031", ZIP: "80202", Units: []string{"Ambulance 7", "Ambulance 9"},
		}),
	}
}

func profile(slug, name, zone string, charts democharts.Agency) Profile {
	id := func(n string) string { return charts.Number + "-" + n }
	charts.Crew = []democharts.Medic{
		{ID: id("P01"), Level: democharts.Paramedic}, {ID: id("E01"), Level: democharts.EMT},
		{ID: id("P02"), Level: democharts.Paramedic}, {ID: id("E02"), Level: democharts.EMT},
	}
	return Profile{
		Slug: slug, DisplayName: name, TimeZone: zone, Charts: charts,
		Medics: map[string][]string{slug + "-medic": {id("P01")}, slug + "-medic2": {id("P02")}},
	}
}

// Documents are the demo charts of an installation whose charts end before base.
func Documents(base time.Time) ([]Document, error) {
	cfg := democharts.Config{Seed: seed, Base: base}
	for _, p := range Profiles() {
		cfg.Agencies = append(cfg.Agencies, p.Charts)
	}
	generated, err := democharts.Generate(cfg)
	if err != nil {
		return nil, err
	}
	var out []Document
	for _, d := range generated {
		out = append(out, Document{Name: d.Name, Agency: d.AgencyIndex, XML: d.XML})
	}
	return out, nil
}
