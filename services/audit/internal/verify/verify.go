package verify

import (
	"bytes"
	"context"
	"fmt"

	"github.com/fusionems/quantum/services/audit/internal/leaf"
	"github.com/fusionems/quantum/services/audit/internal/tlog"
	"github.com/fusionems/quantum/services/audit/internal/trail"
)

// Source reads the rows of the log, each kind once and in order, all as of one moment.
type Source interface {
	// Entries answers the next entries by leaf index, none at the end.
	Entries(ctx context.Context, limit int) ([]trail.Entry, error)
	// Checkpoint answers the next checkpoint by size, ok=false at the end.
	Checkpoint(ctx context.Context) (h trail.Head, ok bool, err error)
	// Run answers the next run of a level by index, ok=false at the end.
	Run(ctx context.Context, level uint) (r tlog.Run, ok bool, err error)
	// Levels answers how many levels have nodes.
	Levels(ctx context.Context) (uint, error)
	// Unprotected names what keeps rows from being changed and is not in place.
	Unprotected(ctx context.Context) ([]string, error)
	// AlteredPolicies names policy versions whose document has another hash.
	AlteredPolicies(ctx context.Context) ([]string, error)
}

// Options of a verification.
type Options struct {
	// VerifierKeys are the public keys that checkpoints may be signed with.
	VerifierKeys []string
	// Kept is a checkpoint that somebody kept elsewhere, as a signed note: the log must still contain that tree.
	Kept string
}

const batch = 500

// run is the state of a verification.
type run struct {
	src    Source
	opts   Options
	report *Report

	tree   tlog.Tree
	levels map[uint]*level
	kept   *tlog.Checkpoint
	next   trail.Head // the next checkpoint to come
	more   bool
	good   uint64 // size of the last checkpoint that matched
	lost   bool   // the rows that follow have no place in the tree
}

// Log verifies the whole log. The error says that it could not be done; what was found is in the report.
func Log(ctx context.Context, src Source, opts Options) (*Report, error) {
	tree, err := tlog.Open(0, nil)
	if err != nil {
		return nil, err
	}
	v := &run{src: src, opts: opts, report: &Report{}, tree: tree, levels: map[uint]*level{}}
	for _, step := range []func(context.Context) error{v.begin, v.entries, v.end} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return v.report, nil
}

func (v *run) begin(ctx context.Context) error {
	if v.opts.Kept != "" {
		c, err := tlog.OpenCheckpoint(v.opts.Kept, v.opts.VerifierKeys...)
		if err != nil {
			return fmt.Errorf("the kept checkpoint: %w", err)
		}
		v.kept = &c
	}
	var err error
	v.next, v.more, err = v.src.Checkpoint(ctx)
	return err
}

func (v *run) entries(ctx context.Context) error {
	for !v.lost {
		list, err := v.src.Entries(ctx, batch)
		if err != nil {
			return err
		}
		if len(list) == 0 {
			return nil
		}
		for len(list) > 0 && !v.lost {
			n, err := v.step(ctx, list)
			if err != nil {
				return err
			}
			list = list[n:]
		}
	}
	return nil
}

// step takes entries up to the next size at which a root is known, and compares there.
func (v *run) step(ctx context.Context, list []trail.Entry) (taken int, err error) {
	hashes, taken, err := v.leaves(ctx, list, v.room())
	if err != nil {
		return 0, err
	}
	next, runs, err := v.tree.Append(hashes)
	if err != nil {
		return 0, err
	}
	for _, r := range runs {
		if r.Level == 0 {
			continue // compared leaf by leaf
		}
		if err := v.compare(ctx, r); err != nil {
			return 0, err
		}
	}
	v.tree = next
	return taken, v.roots(ctx)
}

// room is how many leaves may be added before a root is to be compared.
func (v *run) room() uint64 {
	size, n := v.tree.Size(), uint64(batch)
	if v.more && v.next.Size > size {
		n = min(n, v.next.Size-size)
	}
	if v.kept != nil && v.kept.Size > size {
		n = min(n, v.kept.Size-size)
	}
	return n
}

// leaves checks rows against their leaves and against the tree. For a row that is gone its stored hash stands in, so that
// the rows after it can still be judged.
func (v *run) leaves(ctx context.Context, list []trail.Entry, room uint64) (hashes [][]byte, taken int, err error) {
	l := v.level(0)
	for uint64(len(hashes)) < room && taken < len(list) {
		index := l.next
		stored, err := v.stored(ctx, 0, l)
		if err != nil {
			return nil, 0, err
		}
		l.next++
		e := list[taken]
		if e.LeafIndex != index {
			v.report.leaves(index, index+1, fmt.Sprintf("leaf %d: its row is missing", index))
			if stored == nil {
				v.report.other(fmt.Sprintf("rows from leaf index %d on belong to no tree", e.LeafIndex))
				v.lost = true
				return hashes, taken, nil
			}
			hashes = append(hashes, stored)
			continue
		}
		taken++
		hash := tlog.HashLeaf(e.LeafInput)
		switch {
		case !bytes.Equal(leaf.Encode(e.Record), e.LeafInput):
			v.report.leaves(index, index+1, fmt.Sprintf("leaf %d: the columns of the row are not what its leaf says", index))
		case stored == nil:
			v.report.leaves(index, index+1, fmt.Sprintf("leaf %d: its hash in the tree is not stored", index))
		case !bytes.Equal(hash, stored):
			v.report.leaves(index, index+1, fmt.Sprintf("leaf %d: its hash in the tree is another", index))
		}
		hashes = append(hashes, hash)
	}
	return hashes, taken, nil
}

// roots compares with checkpoint and kept checkpoint when their size is reached.
func (v *run) roots(ctx context.Context) error {
	size := v.tree.Size()
	atCheckpoint := v.more && v.next.Size == size
	atKept := v.kept != nil && v.kept.Size == size
	if !atCheckpoint && !atKept {
		return nil
	}
	root, err := v.tree.Root()
	if err != nil {
		return err
	}
	if atKept && !bytes.Equal(v.kept.Root, root) {
		v.report.rootDiffers(0, size, fmt.Sprintf("the kept checkpoint of size %d has another root: history was changed before it", size))
	}
	if !atCheckpoint {
		return nil
	}
	v.report.Checkpoints++
	v.checkpoint(root)
	v.next, v.more, err = v.src.Checkpoint(ctx)
	return err
}

func (v *run) checkpoint(root []byte) {
	size := v.next.Size
	c, err := tlog.OpenCheckpoint(v.next.Note, v.opts.VerifierKeys...)
	switch {
	case err != nil:
		v.report.other(fmt.Sprintf("checkpoint of size %d: %v", size, err))
	case c.Size != size || !bytes.Equal(c.Root, v.next.Root):
		v.report.other(fmt.Sprintf("checkpoint of size %d: the signed note states another size or root", size))
	case !bytes.Equal(root, c.Root):
		v.report.rootDiffers(v.good, size, fmt.Sprintf("checkpoint of size %d: the rows have another root; changed among leaves %d to %d", size, v.good, size-1))
	default:
		v.good = size
		v.report.Origin = c.Origin
	}
}

func (v *run) end(ctx context.Context) error {
	r := v.report
	r.Size = v.tree.Size()
	var err error
	if r.Root, err = v.tree.Root(); err != nil {
		return err
	}
	for v.more {
		r.other(fmt.Sprintf("checkpoint of size %d: the log has %d entries only", v.next.Size, r.Size))
		if v.next, v.more, err = v.src.Checkpoint(ctx); err != nil {
			return err
		}
	}
	if r.Size > v.good && len(r.Leaves) == 0 && len(r.Other) == 0 {
		r.other(fmt.Sprintf("leaves %d to %d are covered by no checkpoint", v.good, r.Size-1))
	}
	if v.kept != nil && v.kept.Size > r.Size {
		r.other(fmt.Sprintf("the kept checkpoint has size %d: entries were cut off the end", v.kept.Size))
	}
	if err := v.leftovers(ctx); err != nil {
		return err
	}
	return v.surroundings(ctx)
}

func (v *run) surroundings(ctx context.Context) error {
	open, err := v.src.Unprotected(ctx)
	if err != nil {
		return err
	}
	for _, s := range open {
		v.report.other("protection is off: " + s)
	}
	altered, err := v.src.AlteredPolicies(ctx)
	for _, s := range altered {
		v.report.other("policy version " + s + ": the document does not have its hash")
	}
	return err
}
