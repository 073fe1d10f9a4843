package schedule

import (
	"context"
	"time"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
	"github.com/fusionems/quantum/services/carefusion/internal/audit"
	"github.com/fusionems/quantum/services/carefusion/internal/civil"
	"github.com/fusionems/quantum/services/carefusion/internal/fault"
	"github.com/fusionems/quantum/services/carefusion/internal/identity"
	"github.com/fusionems/quantum/services/carefusion/internal/provider"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// longest is the longest span that slots are listed for.
const longest = 31 * 24 * time.Hour

// Availability implements ScheduleService.
type Availability struct {
	carefusionv1.UnimplementedScheduleServiceServer
	DB    *store.DB
	Clock func() time.Time
}

func caller(ctx context.Context) string {
	p, _ := identity.From(ctx)
	return p.Subject.String()
}

// SetAvailability replaces the caller's week.
func (s *Availability) SetAvailability(ctx context.Context, req *carefusionv1.SetAvailabilityRequest) (*carefusionv1.Availability, error) {
	var spans []span
	for _, w := range req.GetWeekly() {
		spans = append(spans, spanOf(w.GetWeekday(), w.GetStartMinute(), w.GetEndMinute()))
	}
	if err := apart("weekly", spans, weekMinutes); err != nil {
		return nil, err
	}
	return s.write(ctx, func(ctx context.Context, tx store.Tx, me string) error {
		if _, err := tx.Exec(ctx, `DELETE FROM carefusion.availability WHERE provider_id = $1`, me); err != nil {
			return err
		}
		for _, w := range req.GetWeekly() {
			_, err := tx.Exec(ctx, `INSERT INTO carefusion.availability VALUES ($1, $2, $3, $4)`, me, w.GetWeekday(), w.GetStartMinute(), w.GetEndMinute())
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// SetOverride replaces one date of the caller.
func (s *Availability) SetOverride(ctx context.Context, req *carefusionv1.SetOverrideRequest) (*carefusionv1.Availability, error) {
	date, err := civil.Text("override.date", req.GetOverride().GetDate())
	if err != nil {
		return nil, err
	}
	hours, spans := []int32{}, []span{}
	for _, h := range req.GetOverride().GetHours() {
		hours = append(hours, h.GetStartMinute(), h.GetEndMinute())
		spans = append(spans, spanOf(0, h.GetStartMinute(), h.GetEndMinute()))
	}
	if err := apart("override.hours", spans, 0); err != nil {
		return nil, err
	}
	return s.write(ctx, func(ctx context.Context, tx store.Tx, me string) error {
		_, err := tx.Exec(ctx, `INSERT INTO carefusion.availability_override VALUES ($1, $2::text::date, $3)
			ON CONFLICT (provider_id, on_date) DO UPDATE SET hours = excluded.hours`, me, date, hours)
		return err
	})
}

func (s *Availability) write(ctx context.Context, fn func(ctx context.Context, tx store.Tx, me string) error) (*carefusionv1.Availability, error) {
	me := caller(ctx)
	audit.Target(ctx, "providers/"+me)
	var out *carefusionv1.Availability
	err := s.DB.Write(ctx, func(ctx context.Context, tx store.Tx) error {
		p, err := provider.Get(ctx, tx, me)
		if err != nil {
			return err
		}
		if err := fn(ctx, tx, me); err != nil {
			return err
		}
		out, err = s.hours(ctx, tx, p)
		return err
	})
	return out, err
}

// GetAvailability reads a provider's hours.
func (s *Availability) GetAvailability(ctx context.Context, req *carefusionv1.GetAvailabilityRequest) (*carefusionv1.Availability, error) {
	var out *carefusionv1.Availability
	err := s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) error {
		p, err := provider.Get(ctx, tx, req.GetProviderId())
		if err == nil {
			out, err = s.hours(ctx, tx, p)
		}
		return err
	})
	return out, err
}

// ListSlots lists what is free.
func (s *Availability) ListSlots(ctx context.Context, req *carefusionv1.ListSlotsRequest) (*carefusionv1.ListSlotsResponse, error) {
	from, until := req.GetStartTime().AsTime(), req.GetEndTime().AsTime()
	if !until.After(from) || until.Sub(from) > longest {
		return nil, fault.Invalid("endTime", "range", "Send an end after the start, at most 31 days later.")
	}
	if now := s.Clock(); from.Before(now) {
		from = now
	}
	out := &carefusionv1.ListSlotsResponse{}
	if !until.After(from) {
		// All of it is over.
		return out, nil
	}
	err := s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) error {
		p, err := provider.Get(ctx, tx, req.GetProviderId())
		if err != nil || p.GetState() != carefusionv1.ProviderState_PROVIDER_STATE_ACTIVE {
			return err
		}
		plan, err := s.plan(ctx, tx, p)
		if err != nil {
			return err
		}
		taken, err := busy(ctx, tx, p.GetProviderId(), from, until.Add(plan.Length))
		if err != nil {
			return err
		}
		for _, slot := range plan.Slots(from, until) {
			if !overlaps(slot, taken) {
				out.Slots = append(out.Slots, &carefusionv1.Slot{StartTime: timestamppb.New(slot.Start), EndTime: timestamppb.New(slot.End)})
			}
		}
		return nil
	})
	return out, err
}

func overlaps(s Slot, taken []Slot) bool {
	for _, t := range taken {
		if s.Start.Before(t.End) && t.Start.Before(s.End) {
			return true
		}
	}
	return false
}

func busy(ctx context.Context, tx store.Tx, id string, from, until time.Time) ([]Slot, error) {
	rows, err := tx.Query(ctx, `SELECT lower(during), upper(during) FROM carefusion.busy WHERE provider_id = $1 AND during && tstzrange($2, $3)`, id, from, until)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Slot
	for rows.Next() {
		var s Slot
		if err := rows.Scan(&s.Start, &s.End); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

func (s *Availability) hours(ctx context.Context, tx store.Tx, p *carefusionv1.Provider) (*carefusionv1.Availability, error) {
	out := &carefusionv1.Availability{ProviderId: p.GetProviderId(), TimeZone: p.GetTimeZone()}
	rows, err := tx.Query(ctx, `SELECT weekday, start_minute, end_minute FROM carefusion.availability WHERE provider_id = $1 ORDER BY 1, 2`, p.GetProviderId())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		w := &carefusionv1.Window{}
		if err := rows.Scan(&w.Weekday, &w.StartMinute, &w.EndMinute); err != nil {
			return nil, err
		}
		out.Weekly = append(out.Weekly, w)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	out.Overrides, err = s.overrides(ctx, tx, p.GetProviderId())
	return out, err
}

func (s *Availability) overrides(ctx context.Context, tx store.Tx, id string) ([]*carefusionv1.Override, error) {
	rows, err := tx.Query(ctx, `SELECT on_date::text, hours FROM carefusion.availability_override
		WHERE provider_id = $1 AND on_date >= $2::text::date ORDER BY on_date`, id, s.Clock().AddDate(0, 0, -2).Format(time.DateOnly))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*carefusionv1.Override
	for rows.Next() {
		var date string
		var hours []int32
		if err := rows.Scan(&date, &hours); err != nil {
			return nil, err
		}
		o := &carefusionv1.Override{Date: civil.Proto(date)}
		for i := 0; i+1 < len(hours); i += 2 {
			o.Hours = append(o.Hours, &carefusionv1.Hours{StartMinute: hours[i], EndMinute: hours[i+1]})
		}
		out = append(out, o)
	}
	return out, rows.Err()
}

func (s *Availability) plan(ctx context.Context, tx store.Tx, p *carefusionv1.Provider) (Plan, error) {
	zone, err := time.LoadLocation(p.GetTimeZone())
	if err != nil {
		return Plan{}, err
	}
	a, err := s.hours(ctx, tx, p)
	if err != nil {
		return Plan{}, err
	}
	plan := Plan{Zone: zone, Length: time.Duration(p.GetSlotMinutes()) * time.Minute, Weekly: map[time.Weekday][]Hours{}, Overrides: map[string][]Hours{}}
	for _, w := range a.GetWeekly() {
		day := time.Weekday(w.GetWeekday())
		plan.Weekly[day] = append(plan.Weekly[day], Hours{int(w.GetStartMinute()), int(w.GetEndMinute())})
	}
	for _, o := range a.GetOverrides() {
		date, err := civil.Text("date", o.GetDate())
		if err != nil {
			return Plan{}, err
		}
		plan.Overrides[date] = nil
		for _, h := range o.GetHours() {
			plan.Overrides[date] = append(plan.Overrides[date], Hours{int(h.GetStartMinute()), int(h.GetEndMinute())})
		}
	}
	return plan, nil
}
