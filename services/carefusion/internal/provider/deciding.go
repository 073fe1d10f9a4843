package provider

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
	"github.com/fusionems/quantum/services/carefusion/internal/audit"
	"github.com/fusionems/quantum/services/carefusion/internal/fault"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
)

// ApproveProvider lets patients book, by the licences that the administrator has seen. A rejection can be taken back by it.
func (s *Service) ApproveProvider(ctx context.Context, req *carefusionv1.ApproveProviderRequest) (*carefusionv1.Provider, error) {
	return s.decide(ctx, req.GetProviderId(), "ACTIVE", []string{"PENDING", "REJECTED", "SUSPENDED", "ACTIVE"}, func(ctx context.Context, tx store.Tx) error {
		// The provider's row is held by now, and whoever puts a licence writes it too.
		p, err := Get(ctx, tx, req.GetProviderId())
		if err == nil && req.GetLicensesEtag() != "" && req.GetLicensesEtag() != p.GetLicensesEtag() {
			err = fault.Aborted("ETAG_MISMATCH", "The licences have changed since they were looked at. Look at them again.")
		}
		return err
	})
}

// SuspendProvider ends bookings; what is booked stays.
func (s *Service) SuspendProvider(ctx context.Context, req *carefusionv1.SuspendProviderRequest) (*carefusionv1.Provider, error) {
	return s.decide(ctx, req.GetProviderId(), "SUSPENDED", []string{"ACTIVE", "SUSPENDED"}, nil)
}

// RejectProvider refuses who was not approved. Rejecting again gives another reason.
func (s *Service) RejectProvider(ctx context.Context, req *carefusionv1.RejectProviderRequest) (*carefusionv1.Provider, error) {
	return s.decide(ctx, req.GetProviderId(), "REJECTED", []string{"PENDING", "REJECTED"}, func(ctx context.Context, tx store.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO carefusion.provider_rejection (provider_id, reason) VALUES ($1, $2)
			ON CONFLICT (provider_id) DO UPDATE SET reason = excluded.reason`, req.GetProviderId(), req.GetReason())
		return err
	})
}

// decide changes the state from one of those that the decision is about, and in the same transaction what else it means.
func (s *Service) decide(ctx context.Context, id, state string, from []string, also func(ctx context.Context, tx store.Tx) error) (*carefusionv1.Provider, error) {
	audit.Target(ctx, "providers/"+id)
	var out *carefusionv1.Provider
	err := s.DB.Write(ctx, func(ctx context.Context, tx store.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE carefusion.provider SET state = $2, decided_by = carefusion.caller(), decided_time = $3
			WHERE provider_id = $1 AND state = ANY($4)`, id, state, s.Clock(), from)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			if _, err := Get(ctx, tx, id); err != nil {
				return err
			}
			return fault.Precondition("PROVIDER_STATE", "The provider is not in a state that permits this. Who waits is approved or rejected, who was approved is suspended.")
		}
		if also != nil {
			if err := also(ctx, tx); err != nil {
				return err
			}
		}
		out, err = Get(ctx, tx, id)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// etag stands for licences: it changes with every one of their fields.
func etag(licenses []string) string {
	sum := sha256.Sum256([]byte(strings.Join(licenses, "\n")))
	return hex.EncodeToString(sum[:16])
}
