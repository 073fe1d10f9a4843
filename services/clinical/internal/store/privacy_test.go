package store_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/fusionems/quantum/services/clinical/internal/contract/personaltest"
)

// What waits in the outbox is what leaves the service.
func TestEmittedEventsHoldNothingPersonal(t *testing.T) {
	f := open(t)
	docs := map[string][]byte{}
	for agency, list := range demo(t) {
		for name, d := range list {
			f.putOne(t, agency, d.XML)
			docs[name] = d.XML
		}
	}
	published, _ := filepath.Glob(filepath.Join(official, "*", "20*-EMS-[0-9]*.xml"))
	if len(published) == 0 {
		t.Logf("no published NEMSIS files at %s: demo charts only", official)
	}
	for _, file := range published {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		f.put(t, north, data)
		docs[filepath.Base(file)] = data
	}
	var payloads [][]byte
	for _, e := range f.events(t) {
		e.EventId, e.Subject, e.Traceparent = "", "", "" // random, and chosen by us
		b, err := proto.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		payloads = append(payloads, bytes.ToLower(b))
	}
	everything := bytes.Join(payloads, []byte("\n"))
	checked := 0
	for name, d := range docs {
		values, err := personaltest.Values(d)
		if err != nil {
			t.Fatal(err)
		}
		for element, list := range values {
			for _, v := range list {
				checked++
				if bytes.Contains(everything, bytes.ToLower([]byte(v))) {
					t.Errorf("%s: an event holds the value of %s (%d characters)", name, element, len(v))
				}
			}
		}
	}
	if checked < 200 || len(payloads) < 3*len(docs)/2 {
		t.Errorf("only %d values in %d events were looked for", checked, len(payloads))
	}
}
