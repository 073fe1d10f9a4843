package switchboard

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/errs"
	"github.com/fusionems/quantum/services/agency/internal/registry"
)

// Reasons of refusals.
const (
	ReasonModuleUnknown    = "MODULE_UNKNOWN"
	ReasonRequiredByOthers = "MODULE_REQUIRED_BY_OTHERS"
	ReasonRequirementOff   = "MODULE_REQUIREMENT_OFF"
	ReasonReasonInvalid    = "REASON_INVALID"
)

const maxReason = 500

// Switch is the position of one switch that was moved at least once.
type Switch struct {
	Module     string
	Enabled    bool
	Reason     string
	UpdateTime time.Time
}

// Module is a module as an agency has it.
type Module struct {
	Entry
	Enabled    bool
	Reason     string
	UpdateTime time.Time // zero when the switch was never moved
}

// Disabled names one module that is off for one agency.
type Disabled struct {
	AgencyID int64
	Module   string
}

// Tx is the transaction in which a switch moves.
type Tx interface {
	// Lock must make moves of switches one at a time, and answer AGENCY_NOT_FOUND when the agency is not there.
	Lock(ctx context.Context, agencyID int64) error
	Switches(ctx context.Context, agencyID int64) ([]Switch, error)
	NextRevision(ctx context.Context) (int64, error)
	Put(ctx context.Context, agencyID int64, s Switch, revision int64) error
	// Changed queues the event; it leaves with the commit.
	Changed(agencyID int64, s Switch, revision int64)
}

type store interface {
	Write(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error
	// Switches must answer AGENCY_NOT_FOUND when the caller cannot see the agency.
	Switches(ctx context.Context, agencyID int64) ([]Switch, error)
	// Disabled answers no list when the revision is still known.
	Disabled(ctx context.Context, known int64) (revision int64, list []Disabled, err error)
}

// Service has the use cases of the switchboard.
type Service struct {
	registry Registry
	store    store
	now      func() time.Time
}

// New returns the use cases over a store.
func New(r Registry, s store, now func() time.Time) *Service {
	return &Service{registry: r, store: s, now: now}
}

// Move brings a switch into a position. A switch that is there already does not move, and says nothing to anyone.
func (s *Service) Move(ctx context.Context, agencyID int64, module string, enabled bool, reason string) (Module, error) {
	audit.Target(ctx, registry.Name(agencyID)+"/modules/"+module)
	entry, err := s.registry.find(module)
	if err != nil {
		return Module{}, err
	}
	next := Switch{Module: module, Enabled: enabled, UpdateTime: s.now().UTC().Truncate(time.Microsecond)}
	if !enabled {
		if next.Reason, err = checkReason(reason); err != nil {
			return Module{}, err
		}
	}
	result := next
	err = registry.InAgency(ctx, agencyID, func(ctx context.Context) error {
		return s.store.Write(ctx, func(ctx context.Context, tx Tx) error {
			var err error
			result, err = s.move(ctx, tx, agencyID, entry, next)
			return err
		})
	})
	return moduleOf(entry, result), err
}

func (s *Service) move(ctx context.Context, tx Tx, agencyID int64, entry Entry, next Switch) (Switch, error) {
	if err := tx.Lock(ctx, agencyID); err != nil {
		return Switch{}, err
	}
	list, err := tx.Switches(ctx, agencyID)
	if err != nil {
		return Switch{}, err
	}
	was, on := position(list, entry.Module), isOn(list)
	if was.Enabled == next.Enabled && was.Reason == next.Reason {
		return was, nil
	}
	rule := s.registry.mayBeOff(entry.Module, on)
	if next.Enabled {
		rule = s.registry.mayBeOn(entry, on)
	}
	if rule != nil {
		return Switch{}, rule
	}
	revision, err := tx.NextRevision(ctx)
	if err != nil {
		return Switch{}, err
	}
	if err := tx.Put(ctx, agencyID, next, revision); err != nil {
		return Switch{}, err
	}
	audit.Changed(ctx, "enabled", strconv.FormatBool(was.Enabled), strconv.FormatBool(next.Enabled))
	tx.Changed(agencyID, next, revision)
	return next, nil
}

// List answers every module of the registry as the agency has it.
func (s *Service) List(ctx context.Context, agencyID int64) ([]Module, error) {
	if !registry.Visible(ctx, agencyID) {
		return nil, registry.NotFound()
	}
	list, err := s.store.Switches(ctx, agencyID)
	if err != nil {
		return nil, err
	}
	modules := make([]Module, len(s.registry.entries))
	for i, e := range s.registry.entries {
		modules[i] = moduleOf(e, position(list, e.Module))
	}
	return modules, nil
}

// Disabled answers what is off in the whole fleet, and the revision; no list when the caller knows that revision.
func (s *Service) Disabled(ctx context.Context, known int64) (int64, []Disabled, error) {
	return s.store.Disabled(ctx, known)
}

func checkReason(reason string) (string, error) {
	reason = strings.TrimSpace(reason)
	if len([]rune(reason)) <= maxReason {
		return reason, nil
	}
	return "", errs.New(errs.Invalid, ReasonReasonInvalid, "the reason is too long; the agency reads it",
		errs.WithFields(errs.Field{Field: "reason", Rule: "max_len", Message: "at most 500 characters"}))
}

// position is that of a module's switch; one that was never moved is on.
func position(list []Switch, module string) Switch {
	for _, s := range list {
		if s.Module == module {
			return s
		}
	}
	return Switch{Module: module, Enabled: true}
}

func isOn(list []Switch) func(string) bool {
	return func(module string) bool { return position(list, module).Enabled }
}

func moduleOf(e Entry, s Switch) Module {
	return Module{Entry: e, Enabled: s.Enabled, Reason: s.Reason, UpdateTime: s.UpdateTime}
}
