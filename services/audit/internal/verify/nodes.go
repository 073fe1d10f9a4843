package verify

import (
	"bytes"
	"context"
	"fmt"

	"github.com/fusionems/quantum/services/audit/internal/tlog"
)

// level reads the stored nodes of one level one after the other.
type level struct {
	next uint64 // index of the next node wanted
	run  tlog.Run
	at   int // offset into the run's hashes
}

func (v *run) level(number uint) *level {
	l, ok := v.levels[number]
	if !ok {
		l = &level{}
		v.levels[number] = l
	}
	return l
}

// compare holds computed nodes against the stored ones.
func (v *run) compare(ctx context.Context, computed tlog.Run) error {
	l := v.level(computed.Level)
	for at := 0; at < len(computed.Hashes); at += tlog.HashSize {
		stored, err := v.stored(ctx, computed.Level, l)
		if err != nil {
			return err
		}
		if !bytes.Equal(stored, computed.Hashes[at:at+tlog.HashSize]) {
			v.nodeDiffers(computed.Level, l.next, stored == nil)
		}
		l.next++
	}
	return nil
}

// stored is the stored node that the level is at, nil when there is none.
func (v *run) stored(ctx context.Context, number uint, l *level) ([]byte, error) {
	for l.at >= len(l.run.Hashes) || l.run.First+uint64(l.at/tlog.HashSize) < l.next { //nolint:gosec // an offset
		if l.at < len(l.run.Hashes) {
			l.at += tlog.HashSize // a run that overlaps the one before
			continue
		}
		r, ok, err := v.src.Run(ctx, number)
		if err != nil || !ok {
			return nil, err
		}
		l.run, l.at = r, 0
	}
	if l.run.First+uint64(l.at/tlog.HashSize) != l.next { //nolint:gosec // an offset
		return nil, nil // a gap; the run is for a later index
	}
	l.at += tlog.HashSize
	return l.run.Hashes[l.at-tlog.HashSize : l.at], nil
}

func (v *run) nodeDiffers(number uint, index uint64, missing bool) {
	from, to := index<<number, (index+1)<<number
	what := "is not what the rows under it make"
	if missing {
		what = "is not stored"
	}
	v.report.rootDiffers(from, to, fmt.Sprintf("node %d of level %d (leaves %d to %d) %s", index, number, from, to-1, what))
}

// leftovers are nodes that no row of the log accounts for.
func (v *run) leftovers(ctx context.Context) error {
	n, err := v.src.Levels(ctx)
	if err != nil {
		return err
	}
	for number := range n {
		l := v.level(number)
		stored, err := v.stored(ctx, number, l)
		if err != nil {
			return err
		}
		if stored != nil || l.at < len(l.run.Hashes) {
			v.report.other(fmt.Sprintf("level %d has nodes from index %d on for which there are no entries", number, l.next))
		}
	}
	return nil
}
