package store

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"google.golang.org/protobuf/proto"

	"github.com/fusionems/quantum/pkg/audit"
	"github.com/fusionems/quantum/pkg/crypt"
	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/errs"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/clinical/internal/contract"
	"github.com/fusionems/quantum/services/clinical/internal/intake"
	"github.com/fusionems/quantum/services/clinical/internal/store/dbsqlc"
)

// putAttempts is how often a document is tried when others hold its rows: a deadlock or a lock that took too long.
const putAttempts = 3

// Put implements intake.Charts.
func (s *Store) Put(ctx context.Context, agencyID int64, doc *intake.Document) ([]intake.Stored, error) {
	ctx, err := s.asIntegration(ctx)
	if err != nil {
		return nil, err
	}
	p, err := s.prepare(ctx, agencyID, doc)
	if err != nil {
		return nil, err
	}
	for attempt := 1; ; attempt++ {
		var stored []intake.Stored
		err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
			p.documentStored = false
			stored, err = p.reports(ctx, tx)
			return err
		})
		if err == nil {
			return stored, nil
		}
		if !errs.IsKind(err, errs.Conflict) || attempt == putAttempts {
			return nil, err
		}
	}
}

// put is one document on its way into the tables.
type put struct {
	*Store
	agencyID   int64
	doc        *intake.Document
	now        time.Time
	documentID uuid.UUID
	keyVersion int32
	key        *crypt.Key
	sealed     []byte
	layout     []byte

	documentStored bool
}

// prepare does what needs no lock: it finds the key and seals the document.
func (s *Store) prepare(ctx context.Context, agencyID int64, doc *intake.Document) (*put, error) {
	p := &put{Store: s, agencyID: agencyID, doc: doc, now: s.clock.Now()}
	var err error
	if p.keyVersion, p.key, err = s.sealingKey(ctx, agencyID); err != nil {
		return nil, err
	}
	if p.documentID, err = uuid.NewV7(); err != nil {
		return nil, err
	}
	if p.sealed, err = p.key.Seal(documentRecord(p.documentID), doc.Original); err != nil {
		return nil, err
	}
	if doc.Layout != nil {
		p.layout, err = json.Marshal(doc.Layout)
	}
	return p, err
}

func documentRecord(id uuid.UUID) string { return "documents/" + id.String() }

func factsRecord(chartID uuid.UUID, version int32) string {
	return "charts/" + chartID.String() + "/versions/" + strconv.Itoa(int(version)) + "/facts"
}

// reports stores the reports in the order of their keys, so that two documents with the same reports wait for each other
// and do not lock each other out.
func (p *put) reports(ctx context.Context, tx *db.Tx) ([]intake.Stored, error) {
	order := make([]*intake.Report, len(p.doc.Reports))
	for i := range p.doc.Reports {
		order[i] = &p.doc.Reports[i]
	}
	slices.SortStableFunc(order, func(a, b *intake.Report) int {
		return cmp.Or(
			cmp.Compare(a.Facts.Key.PCRNumber, b.Facts.Key.PCRNumber),
			cmp.Compare(a.Facts.Key.AgencyNumber, b.Facts.Key.AgencyNumber),
		)
	})
	stored := make([]intake.Stored, len(order))
	for _, r := range order {
		st, err := p.report(ctx, tx, r)
		if err != nil {
			return nil, err
		}
		stored[r.Index] = st
	}
	recordChanges(ctx, stored)
	return stored, nil
}

func recordChanges(ctx context.Context, stored []intake.Stored) {
	audit.Target(ctx, target(stored))
	for _, st := range stored {
		if st.Changed {
			audit.Changed(ctx, "charts/"+st.ChartID.String()+".version", previous(st.Version), strconv.Itoa(int(st.Version)))
		}
	}
}

func target(stored []intake.Stored) string {
	if len(stored) == 1 {
		return "charts/" + stored[0].ChartID.String()
	}
	return "charts"
}

func (p *put) report(ctx context.Context, tx *db.Tx, r *intake.Report) (intake.Stored, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return intake.Stored{}, err
	}
	row, err := p.q.PutChart(ctx, tx, dbsqlc.PutChartParams{
		AgencyID: p.agencyID, ID: id, NemsisAgencyNumber: r.Facts.Key.AgencyNumber, PcrNumber: r.Facts.Key.PCRNumber,
		ContentHash: r.ContentHash[:], ReportUuid: r.Facts.Key.UUID, NemsisVersion: r.NEMSISVersion,
		IncidentNumber: r.IncidentNumber(), UnitCallSign: r.UnitCallSign(), UnitNotifiedTime: r.UnitNotified(), ImportTime: p.now,
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return p.unchanged(ctx, tx, r)
	}
	if err != nil {
		return intake.Stored{}, err
	}
	findings := r.Findings
	if row.PreviousUuid != "" && !strings.EqualFold(row.PreviousUuid, r.Facts.Key.UUID) {
		findings = append(slices.Clone(findings), r.UUIDChanged())
	}
	if err := p.version(ctx, tx, r, row.ID, row.Version, findings); err != nil {
		return intake.Stored{}, err
	}
	subject := "charts/" + row.ID.String()
	tx.Emit(subject, &clinicalv1.ChartImported{ChartId: row.ID.String(), Version: row.Version})
	tx.Emit(subject, contract.ClaimSnapshot(row.ID.String(), row.Version, r))
	tx.Emit(subject, contract.ReportFacts(row.ID.String(), row.Version, r.Facts))
	return intake.Stored{ChartID: row.ID, Version: row.Version, ImportTime: p.now, Changed: true, Findings: findings}, nil
}

func previous(version int32) string {
	if version == 1 {
		return ""
	}
	return strconv.Itoa(int(version) - 1)
}

func (p *put) unchanged(ctx context.Context, tx *db.Tx, r *intake.Report) (intake.Stored, error) {
	row, err := p.q.ChartByKey(ctx, tx, dbsqlc.ChartByKeyParams{
		AgencyID: p.agencyID, PcrNumber: r.Facts.Key.PCRNumber, NemsisAgencyNumber: r.Facts.Key.AgencyNumber,
	})
	return intake.Stored{ChartID: row.ID, Version: row.Version, ImportTime: row.ImportTime, Findings: r.Findings}, err
}

// version queues the rows of a version: nothing is asked of them, so they share the round trip of the commit, and the lock on
// the chart is held that much shorter.
func (p *put) version(ctx context.Context, tx *db.Tx, r *intake.Report, chartID uuid.UUID, version int32, noted []intake.Finding) error {
	findings, err := json.Marshal(noted)
	if err != nil {
		return err
	}
	facts, err := proto.Marshal(contract.Facts(r.Facts))
	if err != nil {
		return err
	}
	sealed, err := p.key.Seal(factsRecord(chartID, version), facts)
	if err != nil {
		return err
	}
	if err := p.document(ctx, tx); err != nil {
		return err
	}
	err = p.q.AddVersion(ctx, tx.Deferred(), dbsqlc.AddVersionParams{
		AgencyID: p.agencyID, ChartID: chartID, Version: version, DocumentID: p.documentID, ReportIndex: int32(r.Index),
		ContentHash: r.ContentHash[:], NemsisVersion: r.NEMSISVersion, IncidentNumber: r.IncidentNumber(),
		Findings: findings, KeyVersion: p.keyVersion, SealedFacts: sealed, ImportTime: p.now,
	})
	if err != nil {
		return err
	}
	crew := r.CrewIDs()
	if len(crew) == 0 {
		return nil
	}
	return p.q.AddCrew(ctx, tx.Deferred(), dbsqlc.AddCrewParams{AgencyID: p.agencyID, ChartID: chartID, Version: version, CrewIds: crew})
}

// document stores the document once, when its first new or changed report comes.
func (p *put) document(ctx context.Context, tx *db.Tx) error {
	if p.documentStored {
		return nil
	}
	p.documentStored = true
	return p.q.AddDocument(ctx, tx.Deferred(), dbsqlc.AddDocumentParams{
		AgencyID: p.agencyID, ID: p.documentID, ReportCount: int32(len(p.doc.Reports)), Layout: p.layout,
		KeyVersion: p.keyVersion, Sealed: p.sealed, ImportTime: p.now,
	})
}
