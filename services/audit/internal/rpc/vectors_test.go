package rpc

import (
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"flag"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"
	"golang.org/x/mod/sumdb/note"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	auditv1 "github.com/fusionems/quantum/proto/gen/go/fleet/audit/v1"
	"github.com/fusionems/quantum/services/audit/internal/leaf"
	"github.com/fusionems/quantum/services/audit/internal/tlog"
	"github.com/fusionems/quantum/services/audit/internal/trail"
)

var update = flag.Bool("update", false, "write the vectors again")

const vectorsFile = "../../testdata/vectors.json"

// vectors are answers of the API about a small log, for verifiers in other languages.
type vectors struct {
	VerifierKey string            `json:"verifierKey"`
	Events      []json.RawMessage `json:"events"`
	// Inclusion proves events[i] in the newest tree, and those of smaller trees thereafter.
	Inclusion   []json.RawMessage `json:"inclusion"`
	Checkpoints []json.RawMessage `json:"checkpoints"`
	Consistency []json.RawMessage `json:"consistency"`
}

// The vectors are what the service answers today: who verifies them elsewhere verifies us.
func TestVectorsAreCurrent(t *testing.T) {
	got, err := json.MarshalIndent(newVectors(t), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	if *update {
		if err := os.WriteFile(vectorsFile, got, 0o644); err != nil { //nolint:gosec // test data
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(vectorsFile)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what the service answers (%v); look at the difference that -update makes", vectorsFile, err)
	}
}

func newVectors(t *testing.T) vectors {
	t.Helper()
	l := newVectorLog(t)
	v := vectors{VerifierKey: l.signer.VerifierKey()}
	for i := range l.entries {
		v.Events = append(v.Events, answer(t, eventTo(l.entries[i])))
		v.Inclusion = append(v.Inclusion, answer(t, proofTo(l.prove(uint64(i), uint64(len(l.entries))))))
	}
	for _, size := range []uint64{1, 4, 6, 7, 8, 11} {
		h := l.head(size)
		v.Checkpoints = append(v.Checkpoints, answer(t, &auditv1.Checkpoint{
			Checkpoint: h.Note, TreeSize: int64(size), RootHash: h.Root, VerifierKey: v.VerifierKey,
		}))
		v.Inclusion = append(v.Inclusion, answer(t, proofTo(l.prove(size-1, size))))
		for _, to := range []uint64{size, 8, 11} {
			if to >= size {
				v.Consistency = append(v.Consistency, answer(t, growthTo(l.grew(size, to))))
			}
		}
	}
	return v
}

// answer is the body that the gateway gives out. protojson varies its white space on purpose, so that nobody compares it.
func answer(t *testing.T, m proto.Message) json.RawMessage {
	t.Helper()
	b, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := json.Compact(&out, b); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// vectorLog is a log in memory.
type vectorLog struct {
	t       *testing.T
	signer  *tlog.Signer
	entries []trail.Entry
	hashes  [][]byte
	nodes   map[tlog.NodeID][]byte
}

func newVectorLog(t *testing.T) *vectorLog {
	t.Helper()
	// A key of all sevens signs nothing but these.
	key, _, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{7}, ed25519.SeedSize)), "vectors.example/audit")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := tlog.NewSigner(key)
	if err != nil {
		t.Fatal(err)
	}
	l := &vectorLog{t: t, signer: signer, nodes: map[tlog.NodeID][]byte{}}
	for i := range 11 {
		r := vectorRecord(i)
		input := leaf.Encode(r)
		l.entries = append(l.entries, trail.Entry{Row: trail.Row{Record: r, LeafInput: input}, LeafIndex: uint64(i)}) //nolint:gosec // small
		l.hashes = append(l.hashes, tlog.HashLeaf(input))
	}
	_, runs, err := l.tree(0).Append(l.hashes)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range runs {
		for i := range len(r.Hashes) / tlog.HashSize {
			l.nodes[tlog.NodeID{Level: r.Level, Index: r.First + uint64(i)}] = r.Hashes[i*tlog.HashSize : (i+1)*tlog.HashSize] //nolint:gosec // small
		}
	}
	return l
}

func vectorRecord(i int) leaf.Record {
	id := uuid.UUID{0x01, 0x95, 0x50, 0, 0, byte(i), 0x70, 0, 0x80, 15: byte(i)}
	r := leaf.Record{
		EventID: id, AgencyID: int64(1 + i%2), Stream: leaf.Human, Outcome: leaf.Success,
		OccurredTime: time.Date(2026, 3, 1, 12, i, 0, i*120_000_000, time.UTC), LogTime: time.Date(2026, 3, 1, 12, i, 1, 1000*i, time.UTC),
		Service: "qa", Action: "fleet.qa.v1.CaseService/UpdateCase", Resource: "cases/" + id.String(), Actor: "7f0c9c8e-subject",
		ActorKind: "human", Role: "qa_reviewer", RequestID: "req-" + string(rune('a'+i)),
	}
	switch i % 4 {
	case 1:
		r.Outcome, r.Reason, r.Resource = leaf.Denied, "SCOPE_MISSING", ""
	case 2:
		r.Stream, r.ActorKind, r.ExecutedBy, r.PolicyVersionID = leaf.AI, "ai", "AI Agent under qa_reviewer authority", "qa.triggers/3"
	case 3:
		r.Stream, r.ActorKind, r.Actor, r.Role, r.AgencyID = leaf.System, "service", "billing", "system", 0
	}
	if i%3 == 0 {
		// Text that every encoder of JSON writes in a way of its own unless RFC 8785 tells it how.
		r.Detail = leaf.EncodeDetail(leaf.Detail{AccessReason: "State audit <&> \"é\\\U0001F691\u2028\t\u007f", Changes: []leaf.Change{
			{Field: "state", Before: "open", After: "in_review"}, {Field: "licence", Before: "", After: "*****6789"},
		}})
		r.Salt = bytes.Repeat([]byte{byte(i)}, 16)
	}
	return r
}

func (l *vectorLog) get(ids []tlog.NodeID) [][]byte {
	l.t.Helper()
	out := make([][]byte, len(ids))
	for i, id := range ids {
		h, ok := l.nodes[id]
		if !ok {
			l.t.Fatalf("node %v was never complete", id)
		}
		out[i] = bytes.Clone(h)
	}
	return out
}

func (l *vectorLog) tree(size uint64) tlog.Tree {
	l.t.Helper()
	tree, err := tlog.Open(size, l.get(tlog.Edge(size)))
	if err != nil {
		l.t.Fatal(err)
	}
	return tree
}

func (l *vectorLog) head(size uint64) trail.Head {
	l.t.Helper()
	root, err := l.tree(size).Root()
	if err != nil {
		l.t.Fatal(err)
	}
	signed, err := l.signer.Sign(size, root)
	if err != nil {
		l.t.Fatal(err)
	}
	return trail.Head{Size: size, Root: root, Note: signed}
}

func (l *vectorLog) path(p tlog.Proof, err error) [][]byte {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
	path, err := p.Path(l.get(p.Nodes()))
	if err != nil {
		l.t.Fatal(err)
	}
	return path
}

func (l *vectorLog) prove(index, size uint64) trail.Proof {
	l.t.Helper()
	return trail.Proof{Entry: l.entries[index], Head: l.head(size), Path: l.path(tlog.Inclusion(index, size))}
}

func (l *vectorLog) grew(from, to uint64) trail.Growth {
	l.t.Helper()
	return trail.Growth{From: from, To: to, FromRoot: l.head(from).Root, ToRoot: l.head(to).Root, Path: l.path(tlog.Consistency(from, to))}
}
