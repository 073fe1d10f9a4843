package demo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"golang.org/x/sync/errgroup"
)

// Document is one NEMSIS document for one of the agencies.
type Document struct {
	Name   string
	Agency int
	XML    []byte
}

// Summary says what came of the demo charts, asked through the same edge as everything else.
type Summary struct {
	Agencies []AgencySummary
}

// AgencySummary counts what one agency has.
type AgencySummary struct {
	Name                                   string
	ID                                     int64
	Charts, Cases, Claims, NoBill, InFacts int
}

// Import posts the documents of each agency with its integration client.
func Import(ctx context.Context, e *Edge, a *Accounts, documents []Document) error {
	g, ctx := errgroup.WithContext(ctx)
	for i, c := range a.Clients {
		g.Go(func() error {
			token, err := e.ClientToken(ctx, c.ID, c.Secret)
			if err != nil {
				return err
			}
			for _, d := range documents {
				if d.Agency != i {
					continue
				}
				if err := e.importOne(ctx, token.AccessToken, d); err != nil {
					return fmt.Errorf("demo chart %s: %w", d.Name, err)
				}
			}
			return nil
		})
	}
	return g.Wait()
}

// importOne waits its turn when the fleet's own rate limit says so.
func (e *Edge) importOne(ctx context.Context, token string, d Document) error {
	for {
		err := e.send(ctx, token, http.MethodPost, "/api/clinical/charts", "application/xml", d.XML, nil)
		var s *statusError
		if !errors.As(err, &s) || s.Status != http.StatusTooManyRequests {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
}

// settleTime is how long the counts must stand still before they are the result: a case may follow its claim.
const settleTime = time.Second

// Await waits until every chart has its claim or no-bill and is in the reports, and answers the counts. When that does not
// happen in time it answers what there is, with an error that says so.
func Await(ctx context.Context, e *Edge, a *Accounts, profiles []Profile, patience time.Duration) (*Summary, error) {
	readers := make([]reader, len(profiles))
	for i, p := range profiles {
		r, err := newReader(ctx, e, a, i, p)
		if err != nil {
			return nil, err
		}
		readers[i] = r
	}
	last, since := &Summary{}, time.Now()
	for deadline := time.Now().Add(patience); ; {
		now, whole := &Summary{}, true
		for _, r := range readers {
			s, err := r.count(ctx)
			if err != nil {
				return nil, err
			}
			now.Agencies = append(now.Agencies, s)
			whole = whole && s.Claims+s.NoBill == s.Charts && s.InFacts == s.Charts
		}
		if !equal(now, last) {
			last, since = now, time.Now()
		}
		if whole && time.Since(since) >= settleTime {
			return now, nil
		}
		if time.Now().After(deadline) {
			return now, fmt.Errorf("after %s not every demo chart has its claim and its report facts", patience)
		}
		select {
		case <-ctx.Done():
			return now, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func equal(a, b *Summary) bool {
	if len(a.Agencies) != len(b.Agencies) {
		return false
	}
	for i := range a.Agencies {
		if a.Agencies[i] != b.Agencies[i] {
			return false
		}
	}
	return true
}

// reader asks for one agency's counts, each as the person who may see it.
type reader struct {
	edge                           *Edge
	summary                        AgencySummary
	supervisor, qa, billing, admin string
}

func newReader(ctx context.Context, e *Edge, a *Accounts, agency int, p Profile) (reader, error) {
	r := reader{edge: e, summary: AgencySummary{Name: p.DisplayName, ID: a.Agencies[agency].ID}}
	for role, token := range map[string]*string{
		"clinical_supervisor": &r.supervisor, "qa_reviewer": &r.qa, "billing_staff": &r.billing, "agency_administrator": &r.admin,
	} {
		var err error
		if *token, err = e.personToken(ctx, a, agency, role); err != nil {
			return r, err
		}
	}
	return r, nil
}

func (r reader) count(ctx context.Context) (AgencySummary, error) {
	s := r.summary
	err := errors.Join(
		r.pages(ctx, r.supervisor, "/api/clinical/charts", "charts", func(map[string]any) { s.Charts++ }),
		r.pages(ctx, r.qa, "/api/qa/cases", "cases", func(map[string]any) { s.Cases++ }),
		r.pages(ctx, r.billing, "/api/billing/claims", "claims", func(claim map[string]any) {
			if claim["state"] == "STATE_NO_BILL" {
				s.NoBill++
			} else {
				s.Claims++
			}
		}),
	)
	if err != nil {
		return s, err
	}
	s.InFacts, err = r.facts(ctx)
	return s, err
}

// pages reads a list to its end.
func (r reader) pages(ctx context.Context, token, path, plural string, each func(map[string]any)) error {
	for next := ""; ; {
		var page map[string]any
		query := "?pageSize=200&pageToken=" + url.QueryEscape(next)
		if err := r.edge.call(ctx, token, http.MethodGet, path+query, nil, &page); err != nil {
			return err
		}
		rows, _ := page[plural].([]any)
		for _, row := range rows {
			if m, ok := row.(map[string]any); ok {
				each(m)
			}
		}
		if next, _ = page["nextPageToken"].(string); next == "" {
			return nil
		}
	}
}

// facts counts the charts that the reports know: those in the figures and those excluded from them.
func (r reader) facts(ctx context.Context) (int, error) {
	now := time.Now().UTC()
	body := map[string]any{
		"from": now.AddDate(0, 0, -365).Format(time.RFC3339), "to": now.AddDate(0, 0, 1).Format(time.RFC3339), "groupBy": "unit",
	}
	var execution struct {
		N        int `json:"n"`
		Excluded []struct {
			N int `json:"n"`
		} `json:"excluded"`
	}
	err := r.edge.call(ctx, r.admin, http.MethodPost, "/api/reports/templates/response-time:run", body, &execution)
	total := execution.N
	for _, x := range execution.Excluded {
		total += x.N
	}
	return total, err
}
