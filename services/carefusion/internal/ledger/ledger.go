package ledger

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	carefusionv1 "github.com/fusionems/quantum/services/carefusion/gen/carefusion/v1"
	"github.com/fusionems/quantum/services/carefusion/internal/audit"
	"github.com/fusionems/quantum/services/carefusion/internal/fault"
	"github.com/fusionems/quantum/services/carefusion/internal/identity"
	"github.com/fusionems/quantum/services/carefusion/internal/page"
	"github.com/fusionems/quantum/services/carefusion/internal/store"
)

// Currency is the only one.
const Currency = "USD"

// Service implements LedgerService.
type Service struct {
	carefusionv1.UnimplementedLedgerServiceServer
	DB    *store.DB
	Pages page.Pages
	Clock func() time.Time
}

// posting is a journal to be written.
type posting struct {
	kind        string
	appointment string
	patient     string
	code        *string
	reverses    *string
	request     string
	lines       []line
}

type line struct {
	account string
	minor   int64
}

// transfer moves an amount from one account to another: debit to, credit from.
func transfer(to, from string, minor int64) []line { return []line{{to, minor}, {from, -minor}} }

// opposite undoes lines.
func opposite(lines []line) []line {
	out := make([]line, len(lines))
	for i, l := range lines {
		out[i] = line{l.account, -l.minor}
	}
	return out
}

// PostCharge charges an encounter.
func (s *Service) PostCharge(ctx context.Context, req *carefusionv1.PostChargeRequest) (*carefusionv1.Journal, error) {
	code := req.GetCode()
	return s.post(ctx, posting{kind: "CHARGE", appointment: req.GetAppointmentId(), code: &code, request: req.GetRequestId(),
		lines: transfer("RECEIVABLE", "REVENUE", req.GetAmountMinor())}, nil)
}

// RecordPayment takes no more than is owed for the encounter.
func (s *Service) RecordPayment(ctx context.Context, req *carefusionv1.RecordPaymentRequest) (*carefusionv1.Journal, error) {
	p := posting{kind: "PAYMENT", appointment: req.GetAppointmentId(), request: req.GetRequestId(), lines: transfer("CASH", "RECEIVABLE", req.GetAmountMinor())}
	return s.post(ctx, p, func(ctx context.Context, tx store.Tx, _ *posting) error {
		var owed int64
		err := tx.QueryRow(ctx, `SELECT COALESCE(sum(e.amount_minor), 0)::bigint FROM carefusion.ledger_entry e JOIN carefusion.journal j USING (journal_id)
			WHERE j.appointment_id = $1 AND e.account = 'RECEIVABLE'`, req.GetAppointmentId()).Scan(&owed)
		if err == nil && req.GetAmountMinor() > owed {
			err = fault.Precondition("AMOUNT_EXCEEDS_BALANCE", "The payment is more than is owed for the encounter.")
		}
		return err
	})
}

// ReverseJournal undoes a charge or a payment, once.
func (s *Service) ReverseJournal(ctx context.Context, req *carefusionv1.ReverseJournalRequest) (*carefusionv1.Journal, error) {
	id := req.GetJournalId()
	return s.post(ctx, posting{kind: "REVERSAL", reverses: &id, request: req.GetRequestId()}, func(ctx context.Context, tx store.Tx, p *posting) error {
		found, err := query(ctx, tx, `j.journal_id = $1`, id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.NotFound("JOURNAL_NOT_FOUND", "There is no such journal.")
		}
		if found[0].GetKind() == carefusionv1.JournalKind_JOURNAL_KIND_REVERSAL {
			return fault.Precondition("JOURNAL_REVERSED", "A reversal is not reversed. Post the charge or payment again.")
		}
		p.appointment = found[0].GetAppointmentId()
		for _, e := range found[0].GetEntries() {
			p.lines = append(p.lines, line{e.GetAccount().String()[len("ACCOUNT_"):], e.GetAmountMinor()})
		}
		p.lines = opposite(p.lines)
		return nil
	})
}

// post writes a journal once per request; prepare may complete or refuse it, alone with the encounter's money.
func (s *Service) post(ctx context.Context, p posting, prepare func(ctx context.Context, tx store.Tx, p *posting) error) (*carefusionv1.Journal, error) {
	id := store.NewID().String()
	audit.Target(ctx, "journals/"+id)
	var out *carefusionv1.Journal
	err := s.DB.Write(ctx, func(ctx context.Context, tx store.Tx) error {
		// One lock for all postings: two that look at the same balance come one after the other.
		if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('carefusion ledger', 0))`); err != nil {
			return err
		}
		var err error
		if out, err = earlier(ctx, tx, p); out != nil || err != nil {
			return err
		}
		if prepare != nil {
			if err := prepare(ctx, tx, &p); err != nil {
				return err
			}
		}
		if err := s.insert(ctx, tx, id, p); err != nil {
			return err
		}
		found, err := query(ctx, tx, `j.journal_id = $1`, id)
		if err == nil {
			out = found[0]
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func earlier(ctx context.Context, tx store.Tx, p posting) (*carefusionv1.Journal, error) {
	found, err := query(ctx, tx, `j.request_id = $1`, p.request)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	was := found[0]
	same := was.GetKind().String() == "JOURNAL_KIND_"+p.kind
	if p.reverses != nil {
		same = same && was.GetReversesJournalId() == *p.reverses
	} else {
		same = same && was.GetAppointmentId() == p.appointment && was.GetEntries()[0].GetAmountMinor() == p.lines[0].minor &&
			(p.code == nil || was.GetCode() == *p.code)
	}
	if !same {
		return nil, fault.Exists("REQUEST_ID_REUSED", "This requestId was used for another posting. Choose a new one.")
	}
	return was, nil
}

func (s *Service) insert(ctx context.Context, tx store.Tx, id string, p posting) error {
	err := tx.QueryRow(ctx, `SELECT patient_id::text FROM carefusion.encounter WHERE appointment_id = $1`, p.appointment).Scan(&p.patient)
	if errors.Is(err, store.ErrNoRows) {
		return fault.NotFound("ENCOUNTER_NOT_FOUND", "There is no such encounter.")
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(ctx, `INSERT INTO carefusion.journal (journal_id, appointment_id, patient_id, kind, code, reverses, request_id, post_time)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, id, p.appointment, p.patient, p.kind, p.code, p.reverses, p.request, s.Clock())
	if store.Violated(err) == "journal_reverses_key" {
		return fault.Precondition("JOURNAL_REVERSED", "The journal was reversed before.")
	}
	for i, l := range p.lines {
		if err == nil {
			_, err = tx.Exec(ctx, `INSERT INTO carefusion.ledger_entry VALUES ($1, $2, $3, $4, $5, $6)`, id, i+1, p.patient, l.account, l.minor, Currency)
		}
	}
	return err
}

// ListJournals lists the journals of an encounter.
func (s *Service) ListJournals(ctx context.Context, req *carefusionv1.ListJournalsRequest) (*carefusionv1.ListJournalsResponse, error) {
	audit.Target(ctx, "appointments/"+req.GetAppointmentId())
	out := &carefusionv1.ListJournalsResponse{}
	err := s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) error {
		var there bool
		err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM carefusion.encounter WHERE appointment_id = $1)`, req.GetAppointmentId()).Scan(&there)
		if err == nil && !there {
			err = fault.NotFound("ENCOUNTER_NOT_FOUND", "There is no such encounter.")
		}
		if err == nil {
			out.Journals, err = query(ctx, tx, `j.appointment_id = $1`, req.GetAppointmentId())
		}
		return err
	})
	return out, err
}

// GetBalance adds up what a patient owes.
func (s *Service) GetBalance(ctx context.Context, req *carefusionv1.GetBalanceRequest) (*carefusionv1.Balance, error) {
	audit.Target(ctx, "patients/"+req.GetPatientId())
	out := &carefusionv1.Balance{PatientId: req.GetPatientId(), CurrencyCode: Currency}
	err := s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) error {
		var there bool
		err := tx.QueryRow(ctx, `SELECT EXISTS (SELECT FROM carefusion.encounter WHERE patient_id = $1),
			COALESCE((SELECT sum(amount_minor) FROM carefusion.ledger_entry WHERE patient_id = $1 AND account = 'RECEIVABLE'), 0)::bigint`, req.GetPatientId()).
			Scan(&there, &out.AmountMinor)
		// Who has not been here yet owes nothing, and may be told so of themselves.
		if who, _ := identity.From(ctx); err == nil && !there && who.Subject.String() != req.GetPatientId() {
			err = fault.NotFound("ENCOUNTER_NOT_FOUND", "The patient has no encounter.")
		}
		return err
	})
	return out, err
}

// ListEncounters lists what can be charged.
func (s *Service) ListEncounters(ctx context.Context, req *carefusionv1.ListEncountersRequest) (*carefusionv1.ListEncountersResponse, error) {
	after, err := s.Pages.AfterID(ctx, "encounters", req.GetPageToken(), uuid.Nil)
	if err != nil {
		return nil, err
	}
	size := page.Size(req.GetPageSize())
	var all []*carefusionv1.Encounter
	err = s.DB.Read(ctx, func(ctx context.Context, tx store.Tx) error {
		rows, err := tx.Query(ctx, `SELECT appointment_id::text, patient_id::text, provider_id::text, start_time, end_time FROM carefusion.encounter
			WHERE appointment_id > $1 ORDER BY appointment_id LIMIT $2`, after, size+1)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			e := &carefusionv1.Encounter{}
			var start, end time.Time
			if err := rows.Scan(&e.AppointmentId, &e.PatientId, &e.ProviderId, &start, &end); err != nil {
				return err
			}
			e.StartTime, e.EndTime = timestamppb.New(start), timestamppb.New(end)
			all = append(all, e)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, err
	}
	rows, token := page.Cut(ctx, s.Pages, "encounters", all, size, (*carefusionv1.Encounter).GetAppointmentId)
	return &carefusionv1.ListEncountersResponse{Encounters: rows, NextPageToken: token}, nil
}

func query(ctx context.Context, tx store.Tx, where string, args ...any) ([]*carefusionv1.Journal, error) {
	rows, err := tx.Query(ctx, `SELECT j.journal_id::text, j.appointment_id::text, j.kind, COALESCE(j.code, ''), COALESCE(j.reverses::text, ''), j.post_time, e.account, e.amount_minor, e.currency
		FROM carefusion.journal j JOIN carefusion.ledger_entry e USING (journal_id) WHERE `+where+` ORDER BY j.journal_id, e.line`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []*carefusionv1.Journal
	for rows.Next() {
		j, e := &carefusionv1.Journal{}, &carefusionv1.Entry{}
		var kind, account string
		var at time.Time
		if err := rows.Scan(&j.JournalId, &j.AppointmentId, &kind, &j.Code, &j.ReversesJournalId, &at, &account, &e.AmountMinor, &e.CurrencyCode); err != nil {
			return nil, err
		}
		if len(out) == 0 || out[len(out)-1].GetJournalId() != j.GetJournalId() {
			j.Kind, j.PostTime = carefusionv1.JournalKind(carefusionv1.JournalKind_value["JOURNAL_KIND_"+kind]), timestamppb.New(at)
			out = append(out, j)
		}
		e.Account = carefusionv1.Account(carefusionv1.Account_value["ACCOUNT_"+account])
		last := out[len(out)-1]
		last.Entries = append(last.Entries, e)
	}
	return out, rows.Err()
}
