package provider

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/google/uuid"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
	"github.com/fusionems/quantum/services/carefusion/internal/audit"
	"github.com/fusionems/quantum/services/carefusion/internal/civil"
	"github.com/fusionems/quantum/services/carefusion/internal/fault"
	"github.com/fusionems/quantum/services/carefusion/internal/identity"
	"github.com/fusionems/quantum/services/carefusion/internal/page"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
)

// Service implements ProviderService.
type Service struct {
	carefusionv1.UnimplementedProviderServiceServer
	DB    *store.DB
	Pages page.Pages
	Clock func() time.Time
}

var errNotFound = fault.NotFound("PROVIDER_NOT_FOUND", "There is no such provider.")

// RegisterProvider registers the caller; only an administrator makes the registration count.
func (s *Service) RegisterProvider(ctx context.Context, req *carefusionv1.RegisterProviderRequest) (*carefusionv1.Provider, error) {
	me := caller(ctx)
	audit.Target(ctx, "providers/"+me)
	if _, err := time.LoadLocation(req.GetTimeZone()); err != nil || strings.EqualFold(req.GetTimeZone(), "local") {
		return nil, fault.Invalid("timeZone", "time_zone", "Send an IANA name such as America/Denver.")
	}
	var out *carefusionv1.Provider
	err := s.DB.Write(ctx, func(ctx context.Context, tx store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO carefusion.provider (provider_id, display_name, specialty, time_zone, slot_minutes) VALUES ($1, $2, $3, $4, $5)`,
			me, req.GetDisplayName(), req.GetSpecialty(), req.GetTimeZone(), req.GetSlotMinutes())
		if store.Violated(err) == "provider_pkey" {
			return fault.Exists("PROVIDER_EXISTS", "The caller is registered already.")
		}
		if err != nil {
			return err
		}
		for _, l := range req.GetLicenses() {
			if err := putLicense(ctx, tx, me, l); err != nil {
				return err
			}
		}
		out, err = Get(ctx, tx, me)
		return err
	})
	return out, err
}

// PutLicense makes the provider pending again: what was approved was another set of licences.
func (s *Service) PutLicense(ctx context.Context, req *carefusionv1.PutLicenseRequest) (*carefusionv1.Provider, error) {
	me := caller(ctx)
	audit.Target(ctx, "providers/"+me)
	var out *carefusionv1.Provider
	err := s.DB.Write(ctx, func(ctx context.Context, tx store.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE carefusion.provider SET state = 'PENDING' WHERE provider_id = $1`, me)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return errNotFound
		}
		if err := putLicense(ctx, tx, me, req.GetLicense()); err != nil {
			return err
		}
		out, err = Get(ctx, tx, me)
		return err
	})
	return out, err
}

func putLicense(ctx context.Context, tx store.Tx, provider string, l *carefusionv1.License) error {
	until, err := civil.Text("license.expireDate", l.GetExpireDate())
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO carefusion.provider_license (provider_id, state, license_number, expire_date) VALUES ($1, $2, $3, $4::text::date)
		ON CONFLICT (provider_id, state) DO UPDATE SET license_number = excluded.license_number, expire_date = excluded.expire_date`,
		provider, l.GetState(), l.GetLicenseNumber(), until)
	return err
}

// GetProvider reads one.
func (s *Service) GetProvider(ctx context.Context, req *carefusionv1.GetProviderRequest) (*carefusionv1.Provider, error) {
	var out *carefusionv1.Provider
	err := s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) (err error) {
		out, err = Get(ctx, tx, req.GetProviderId())
		return err
	})
	return out, err
}

// ListProviders lists whom the caller may see.
func (s *Service) ListProviders(ctx context.Context, req *carefusionv1.ListProvidersRequest) (*carefusionv1.ListProvidersResponse, error) {
	after, err := s.Pages.AfterID(ctx, "providers", req.GetPageToken(), uuid.Nil)
	if err != nil {
		return nil, err
	}
	size := page.Size(req.GetPageSize())
	var all []*carefusionv1.Provider
	err = s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) error {
		all, err = query(ctx, tx, `p.provider_id > $1 ORDER BY p.provider_id LIMIT $2`, after.String(), size+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	rows, token := page.Cut(ctx, s.Pages, "providers", all, size, (*carefusionv1.Provider).GetProviderId)
	return &carefusionv1.ListProvidersResponse{Providers: rows, NextPageToken: token}, nil
}

// Get reads one provider with licences; who may not see it is told that it is not there.
func Get(ctx context.Context, tx store.Tx, id string) (*carefusionv1.Provider, error) {
	found, err := query(ctx, tx, `p.provider_id = $1`, id)
	if err == nil && len(found) == 0 {
		err = errNotFound
	}
	if err != nil {
		return nil, err
	}
	return found[0], nil
}

func query(ctx context.Context, tx store.Tx, where string, args ...any) ([]*carefusionv1.Provider, error) {
	rows, err := tx.Query(ctx, `SELECT p.provider_id::text, p.display_name, p.specialty, p.time_zone, p.slot_minutes, p.state,
		COALESCE((SELECT array_agg(l.state || '|' || l.expire_date::text || '|' || l.license_number ORDER BY l.state)
			FROM carefusion.provider_license l WHERE l.provider_id = p.provider_id), '{}'),
		CASE p.state WHEN 'REJECTED' THEN COALESCE((SELECT r.reason FROM carefusion.provider_rejection r WHERE r.provider_id = p.provider_id), '') ELSE '' END
		FROM carefusion.provider p WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*carefusionv1.Provider
	for rows.Next() {
		p, state, licenses := &carefusionv1.Provider{}, "", []string{}
		if err := rows.Scan(&p.ProviderId, &p.DisplayName, &p.Specialty, &p.TimeZone, &p.SlotMinutes, &state, &licenses, &p.RejectionReason); err != nil {
			return nil, err
		}
		p.State = carefusionv1.ProviderState(carefusionv1.ProviderState_value["PROVIDER_STATE_"+state])
		p.LicensesEtag = etag(licenses)
		for _, l := range licenses {
			part := strings.SplitN(l, "|", 3)
			if len(part) != 3 {
				return nil, errors.New("provider: licence row")
			}
			p.Licenses = append(p.Licenses, &carefusionv1.License{State: part[0], ExpireDate: civil.Proto(part[1]), LicenseNumber: part[2]})
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// LicensedOn reports whether the provider may treat somebody in the state on a day of the provider's calendar.
func LicensedOn(p *carefusionv1.Provider, state string, day time.Time) bool {
	for _, l := range p.GetLicenses() {
		d := l.GetExpireDate()
		last := time.Date(int(d.GetYear()), time.Month(d.GetMonth()), int(d.GetDay()), 0, 0, 0, 0, day.Location())
		if l.GetState() == state && day.Before(last.AddDate(0, 0, 1)) {
			return true
		}
	}
	return false
}

func caller(ctx context.Context) string {
	p, _ := identity.From(ctx)
	return p.Subject.String()
}
