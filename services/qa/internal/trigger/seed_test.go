package trigger

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const seedFile = "../../../audit/internal/governance/seeds/qa.triggers.json"

func seedDocument(t *testing.T) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.FromSlash(seedFile))
	noError(t, err)
	return b
}

func seedPolicy(t *testing.T) *Policy {
	t.Helper()
	p, err := Parse(seedDocument(t))
	noError(t, err)
	return p
}

// edited is the seed with one change.
func edited(t *testing.T, change func(doc map[string]any)) []byte {
	t.Helper()
	var doc map[string]any
	noError(t, json.Unmarshal(seedDocument(t), &doc))
	change(doc)
	b, err := json.Marshal(doc)
	noError(t, err)
	return b
}

func TestSeedCodesAreInTheDictionary(t *testing.T) {
	const file = "../../../../../shared/data/codelists/nemsis-dictionary-v351/EMSDataSet_ElementEnumerations.txt"
	f, err := os.Open(filepath.FromSlash(file))
	if err != nil {
		t.Skip("the NEMSIS dictionary 3.5.1 is not beside the repository: ", err)
	}
	defer func() { _ = f.Close() }()
	known := map[string]bool{}
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		if cells := strings.Split(lines.Text(), "'|'"); len(cells) > 3 {
			known[cells[1]+" "+cells[3]] = true
		}
	}
	noError(t, lines.Err())
	p := seedPolicy(t)
	d := p.Definitions
	for element, sets := range map[string][][]string{
		"eDispatch.05":    {p.Priority.Critical.DispatchPriority, p.Priority.High.DispatchPriority},
		"eSituation.13":   {p.Priority.Critical.InitialAcuity, p.Priority.High.InitialAcuity},
		"eArrest.01":      {d.Arrest.CardiacArrest},
		"eVitals.03":      {d.STEMI.Rhythms, d.STEMI.AnginaRhythms},
		"eVitals.29":      {d.Stroke.StrokeScaleResults},
		"eProtocols.01":   {d.STEMI.Protocols, d.Stroke.Protocols},
		"eDisposition.24": {d.STEMI.TeamActivations, d.Stroke.TeamActivations, d.MajorTrauma.TeamActivations},
		"eInjury.03":      {d.MajorTrauma.HighRiskCriteria},
		"eInjury.04":      {d.MajorTrauma.ModerateRiskCriteria},
		"eDisposition.19": {d.CriticalPediatric.FinalAcuity},
		"eDisposition.28": {d.Refusal.CareDispositions},
		"eDisposition.29": {d.Refusal.CrewDispositions},
		"eDisposition.30": {d.Refusal.TransportDispositions, d.Transport.TransportDispositions},
		"eOther.12":       {d.RefusalSignature.Signers, d.RefusalSignature.Witnesses},
		"eOther.13":       {d.RefusalSignature.Reasons, d.ControlledSubstances.AdministrationSignature.Reasons},
		"eOther.15": {d.RefusalSignature.SignedStatuses, d.RefusalSignature.RefusedToSignStatuses,
			d.ControlledSubstances.AdministrationSignature.SignedStatuses},
		"eVitals.02": {{priorYes}},
	} {
		for _, set := range sets {
			for _, code := range set {
				holds(t, known[element+" "+code], "%s has no code %s", element, code)
			}
		}
	}
}

func TestSeedDrugsAreInTheDefinedList(t *testing.T) {
	const file = "../../../../../shared/data/codelists/nemsis-DefinedLists-Medication.csv"
	b, err := os.ReadFile(filepath.FromSlash(file))
	if err != nil {
		t.Skip("the NEMSIS medication list is not beside the repository: ", err)
	}
	for _, m := range seedPolicy(t).Definitions.ControlledSubstances.Medications {
		holds(t, strings.Contains(string(b), `"`+m.Code+`","RxNorm","","`+m.Name+`"`))
	}
}
