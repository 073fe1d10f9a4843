package inbox

import (
	"context"
	"fmt"
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/outbox"
)

// place is a module of an agency.
type place struct {
	agency int64
	module string
}

// modules is what the leading replica knows of switched-off modules and of parked events. The database is the truth;
// this is read again at each sweep.
type modules struct {
	mu     sync.Mutex
	off    map[place]bool
	parked map[place]bool
}

func newModules() *modules { return &modules{off: map[place]bool{}, parked: map[place]bool{}} }

// parks says whether an event must wait: its module is off, or earlier ones wait still.
func (m *modules) parks(p place) bool {
	if p.module == "" {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.off[p] || m.parked[p]
}

func (m *modules) isOff(p place) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.off[p]
}

func (m *modules) setParked(p place, is bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if is {
		m.parked[p] = true
	} else {
		delete(m.parked, p)
	}
}

func (m *modules) parkedPlaces() []place {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := make([]place, 0, len(m.parked))
	for p := range m.parked {
		list = append(list, p)
	}
	return list
}

func (m *modules) replace(off, parked []place) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.off, m.parked = setOf(off), setOf(parked)
}

func setOf(list []place) map[place]bool {
	set := make(map[place]bool, len(list))
	for _, p := range list {
		set[p] = true
	}
	return set
}

// reload reads what is switched off and what is parked. Nobody may park or apply meanwhile.
func (in *Inbox) reload(ctx context.Context) error {
	return in.mech.Messaging(ctx, func(ctx context.Context, tx *db.Tx, _ func(outbox.Message)) error {
		off, err := places(ctx, tx, in.sql.modules)
		if err != nil {
			return err
		}
		parked, err := places(ctx, tx, in.sql.parkedKeys)
		if err != nil {
			return err
		}
		in.modules.replace(off, parked)
		return nil
	})
}

func places(ctx context.Context, tx *db.Tx, sql string) ([]place, error) {
	rs, err := tx.Query(ctx, sql)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rs, func(row pgx.CollectableRow) (p place, err error) {
		err = row.Scan(&p.agency, &p.module)
		return p, err
	})
}

// switchModule applies an event of the module registry. A revision that is not newer changes nothing.
func (in *Inbox) switchModule(ctx context.Context, tx *db.Tx, ev Event, _ any) error {
	module, err := field(ev.Message, "module", protoreflect.StringKind)
	if err != nil {
		return err
	}
	enabled, err := field(ev.Message, "enabled", protoreflect.BoolKind)
	if err != nil {
		return err
	}
	revision, err := field(ev.Message, "revision", protoreflect.Int64Kind)
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, in.sql.switchModule, ev.AgencyID, module.String(), enabled.Bool(), revision.Int())
	return err
}

// field reads a field by name: pkg knows no event types of services.
func field(m proto.Message, name protoreflect.Name, kind protoreflect.Kind) (protoreflect.Value, error) {
	fd := m.ProtoReflect().Descriptor().Fields().ByName(name)
	if fd == nil || fd.Kind() != kind {
		return protoreflect.Value{}, fmt.Errorf("inbox: a module switch needs the field %s of type %s", name, kind)
	}
	return m.ProtoReflect().Get(fd), nil
}

// afterCommit wakes the sweep when a module was switched.
func (in *Inbox) afterCommit(ds []*delivery) {
	for _, d := range ds {
		if d.handler.switchesModules {
			select {
			case in.kick <- struct{}{}:
			default:
			}
			return
		}
	}
}
