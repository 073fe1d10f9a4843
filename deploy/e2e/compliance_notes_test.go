//go:build e2e

package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// Notes are added by an editor, read by those they are for, and paged while more arrive.
func TestComplianceNotes(t *testing.T) {
	inEach(t, func(t *testing.T, w workspace, editor, other caller) {
		record := w.make(t, editor, w.fresh()).text("id")
		path := w.path("compliance-note")
		add := func(text string) fields {
			return editor.send(t, "POST", path, fields{"metadataId": record, "text": text}.json(t)).want(t, 201).fields(t)
		}
		first := add("Renewal filed.")
		if first.text("author") == "" || first.text("authorRole") != w.editor || first.text("agencyId") != fmt.Sprint(editor.agency) || first["createTime"] == nil {
			t.Errorf("note %v", first)
		}
		want := []string{first.text("id")}
		for range 4 {
			want = append(want, add("Called the office.").text("id"))
		}
		var seen []string
		query := path + "?pageSize=2&metadataId=" + record
		for token := ""; ; {
			a := editor.get(t, query+"&pageToken="+token).want(t, 200)
			for _, n := range a.list(t, "notes") {
				seen = append(seen, n.text("id"))
			}
			if token = a.fields(t).text("nextPageToken"); token == "" {
				break
			}
			other.get(t, query+"&pageToken="+token).refused(t, 400, "PAGE_TOKEN_INVALID")
			add("One more meanwhile.") // newest first: before the position
		}
		slices.Reverse(want)
		if !slices.Equal(seen, want) {
			t.Errorf("pages %v, want %v", seen, want)
		}
		because(t, editor.send(t, "POST", path, `{}`), "note.text", "string.min_len")
		because(t, editor.send(t, "POST", path, fields{"text": "  "}.json(t)), "note.text", "text.present")
		because(t, editor.send(t, "POST", path, fields{"text": strings.Repeat("x", 4001)}.json(t)), "note.text", "string.max_len")
		because(t, editor.send(t, "POST", path, fields{"text": secret}.json(t)), "note.text", "credential.none")
		because(t, editor.send(t, "POST", path, fields{"text": "x", "visibility": 99}.json(t)), "note.visibility", "enum.defined_only")
		because(t, editor.send(t, "POST", path, fields{"text": "x", "metadataId": long}.json(t)), "note.metadataId", "string.max_len")
		editor.send(t, "POST", path, fields{"text": "x", "metadataId": uuid.NewString()}.json(t)).refused(t, 404, "METADATA_NOT_FOUND")
		editor.send(t, "POST", path, fields{"text": "x", "metadataId": "one"}.json(t)).refused(t, 404, "METADATA_NOT_FOUND")
	})
}
