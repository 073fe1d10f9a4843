package personaltest

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
)

// elements are those whose values must not leave the service by an event, nor be among the facts of a chart.
func elements() []string {
	return []string{
		"ePatient.01", "ePatient.02", "ePatient.03", "ePatient.04", "ePatient.05", "ePatient.06", "ePatient.09", "ePatient.12",
		"ePatient.17", "ePatient.18", "ePatient.19", "ePatient.20", "ePatient.21", "ePatient.23",
		"ePayment.06", "ePayment.07", "ePayment.10", "ePayment.12", "ePayment.13", "ePayment.17", "ePayment.18", "ePayment.19",
		"ePayment.20", "ePayment.21", "ePayment.23", "ePayment.24", "ePayment.25", "ePayment.26", "ePayment.32", "ePayment.53",
		"ePayment.54", "ePayment.59", "eScene.11", "eScene.12", "eScene.13", "eScene.15", "eScene.16", "eScene.20",
		"eSituation.04", "eHistory.02", "eHistory.03", "eHistory.04", "eNarrative.01", "eRecord.01", "eResponse.03", "eResponse.04",
		"eMedications.12", "eProcedures.12", "eDisposition.01", "eDisposition.02", "eDisposition.03", "eDisposition.04",
		"eOther.11", "eOther.16", "eOther.17", "eOther.18", "eOther.20", "eOther.21", "eOutcome.04", "eOutcome.05",
	}
}

// pickupZIP is the ZIP code that a claim is priced by. A patient who is fetched at home has the same.
const pickupZIP = "eScene.19"

// shortest is the length from which a value is not in any text by chance.
const shortest = 4

// Values are the personal values of a document by element.
func Values(document []byte) (map[string][]string, error) {
	all, err := texts(document)
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for _, e := range elements() {
		for _, v := range all[e] {
			if len(v) >= shortest && !slices.Contains(all[pickupZIP], v) {
				out[e] = append(out[e], v)
			}
		}
	}
	return out, nil
}

func texts(document []byte) (map[string][]string, error) {
	d := xml.NewDecoder(strings.NewReader(string(document)))
	out := map[string][]string{}
	var name string
	for {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		switch tok := tok.(type) {
		case xml.StartElement:
			name = tok.Name.Local
		case xml.CharData:
			if v := strings.TrimSpace(string(tok)); v != "" {
				out[name] = append(out[name], v)
			}
		}
	}
}
