package trail

import (
	"context"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/services/audit/internal/leaf"
	"github.com/fusionems/quantum/services/audit/internal/tlog"
)

// Reasons of refusals.
const (
	ReasonNotFound        = "EVENT_NOT_FOUND"
	ReasonTreeSizeInvalid = "TREE_SIZE_INVALID"
	ReasonLogEmpty        = "LOG_EMPTY"
)

// Entry is a stored record.
type Entry struct {
	Row
	LeafIndex uint64
}

// Filter narrows a list; zero values do not.
type Filter struct {
	Resource, Actor, RequestID string
	// Action is a full method, or a prefix that ends in "/" or ".".
	Action   string
	Stream   leaf.Stream
	Outcome  leaf.Outcome
	From, To time.Time
}

// Proof is what a verifier needs.
type Proof struct {
	Entry Entry
	Head  Head
	Path  [][]byte
}

// Growth proves that a tree is a prefix of another.
type Growth struct {
	From, To         uint64
	FromRoot, ToRoot []byte
	Path             [][]byte
}

// ReadTx is a snapshot of the log as its reader may see it.
type ReadTx interface {
	// Entry must answer EVENT_NOT_FOUND when the reader cannot see such an entry.
	Entry(ctx context.Context, id uuid.UUID) (Entry, error)
	// Head must answer size 0 for an empty log.
	Head(ctx context.Context) (Head, error)
	Nodes(ctx context.Context, ids []tlog.NodeID) ([][]byte, error)
}

type store interface {
	Read(ctx context.Context, fn func(ctx context.Context, tx ReadTx) error) error
	// List answers at most limit entries with a leaf index below before, newest first.
	List(ctx context.Context, f Filter, before uint64, limit int) ([]Entry, error)
}

// Reader answers questions about the log.
type Reader struct{ store store }

// NewReader returns a reader.
func NewReader(s store) *Reader { return &Reader{s} }

// NotFound is the answer for an entry that is not there or not the caller's to see.
func NotFound() error { return errs.New(errs.NotFound, ReasonNotFound, "no such audit event") }

// List answers at most limit entries below a leaf index, newest first.
func (r *Reader) List(ctx context.Context, f Filter, before uint64, limit int) ([]Entry, error) {
	return r.store.List(ctx, f, before, limit)
}

// Proven is a list whose entries are proven against one head.
type Proven struct {
	Entries []Entry
	Head    Head
	// Paths of the entries, in their order.
	Paths [][][]byte
}

// ProveAll proves entries of a list in the newest checkpoint, which covers all of them because it is read after them.
func (r *Reader) ProveAll(ctx context.Context, list []Entry) (p Proven, err error) {
	p.Entries = list
	err = r.store.Read(ctx, func(ctx context.Context, tx ReadTx) error {
		if p.Head, err = tx.Head(ctx); err != nil || len(p.Entries) == 0 {
			return err
		}
		return p.prove(ctx, tx)
	})
	return p, err
}

// prove reads the nodes of all proofs at once.
func (p *Proven) prove(ctx context.Context, tx ReadTx) error {
	var ids []tlog.NodeID
	proofs := make([]tlog.Proof, len(p.Entries))
	for i, e := range p.Entries {
		proof, err := tlog.Inclusion(e.LeafIndex, p.Head.Size)
		if err != nil {
			return err
		}
		proofs[i] = proof
		ids = append(ids, proof.Nodes()...)
	}
	hashes, err := tx.Nodes(ctx, ids)
	if err != nil {
		return err
	}
	for _, proof := range proofs {
		n := len(proof.Nodes())
		path, err := proof.Path(hashes[:n])
		if err != nil {
			return err
		}
		p.Paths, hashes = append(p.Paths, path), hashes[n:]
	}
	return nil
}

// Get answers one entry.
func (r *Reader) Get(ctx context.Context, id uuid.UUID) (e Entry, err error) {
	err = r.store.Read(ctx, func(ctx context.Context, tx ReadTx) error {
		e, err = tx.Entry(ctx, id)
		return err
	})
	return e, err
}

// Checkpoint answers the newest checkpoint.
func (r *Reader) Checkpoint(ctx context.Context) (h Head, err error) {
	err = r.store.Read(ctx, func(ctx context.Context, tx ReadTx) error {
		h, err = head(ctx, tx)
		return err
	})
	return h, err
}

// Prove proves an entry against the newest checkpoint, which covers every entry.
func (r *Reader) Prove(ctx context.Context, id uuid.UUID) (p Proof, err error) {
	err = r.store.Read(ctx, func(ctx context.Context, tx ReadTx) error {
		if p.Entry, err = tx.Entry(ctx, id); err != nil {
			return err
		}
		if p.Head, err = head(ctx, tx); err != nil {
			return err
		}
		proof, err := tlog.Inclusion(p.Entry.LeafIndex, p.Head.Size)
		if err != nil {
			return err
		}
		p.Path, err = path(ctx, tx, proof)
		return err
	})
	return p, err
}

// Grew proves that the log of size from is a prefix of that of size to; 0 stands for the newest checkpoint.
func (r *Reader) Grew(ctx context.Context, from, to uint64) (g Growth, err error) {
	err = r.store.Read(ctx, func(ctx context.Context, tx ReadTx) error {
		h, err := head(ctx, tx)
		if err != nil {
			return err
		}
		if to == 0 {
			to = h.Size
		}
		if from < 1 || from > to || to > h.Size {
			return sizeInvalid(h.Size)
		}
		proof, err := tlog.Consistency(from, to)
		if err != nil {
			return err
		}
		g = Growth{From: from, To: to}
		if g.Path, err = path(ctx, tx, proof); err != nil {
			return err
		}
		if g.FromRoot, err = rootAt(ctx, tx, from); err != nil {
			return err
		}
		g.ToRoot, err = rootAt(ctx, tx, to)
		return err
	})
	return g, err
}

func head(ctx context.Context, tx ReadTx) (Head, error) {
	h, err := tx.Head(ctx)
	if err == nil && h.Size == 0 {
		err = errs.New(errs.NotFound, ReasonLogEmpty, "the log has no entry yet, so there is no checkpoint")
	}
	return h, err
}

func path(ctx context.Context, tx ReadTx, p tlog.Proof) ([][]byte, error) {
	hashes, err := tx.Nodes(ctx, p.Nodes())
	if err != nil {
		return nil, err
	}
	return p.Path(hashes)
}

func rootAt(ctx context.Context, tx ReadTx, size uint64) ([]byte, error) {
	hashes, err := tx.Nodes(ctx, tlog.Edge(size))
	if err != nil {
		return nil, err
	}
	tree, err := tlog.Open(size, hashes)
	if err != nil {
		return nil, err
	}
	return tree.Root()
}

func sizeInvalid(newest uint64) error {
	return errs.New(errs.Invalid, ReasonTreeSizeInvalid, "there is no such pair of tree sizes",
		errs.WithFields(errs.Field{Field: "to", Rule: "tlog.size", Message: "1 <= from <= to <= " + strconv.FormatUint(newest, 10)}))
}
