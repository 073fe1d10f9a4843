package local

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

// seed makes the demo data by the API, as the people themselves would. A start that was cut short is taken up again: what is
// there already is answered as such.
func (a *api) seed(ctx context.Context, now time.Time) error {
	if err := a.texts(ctx); err != nil {
		return err
	}
	for _, p := range clinicians(now) {
		if err := a.clinician(ctx, p); err != nil {
			return err
		}
	}
	for who, body := range map[string]object{
		"patient-a": {"givenName": "Alma", "familyName": "Whitfield", "birthDate": date(1984, 3, 9), "state": "CO", "email": "alma@example.org"},
		"patient-b": {"givenName": "Bruno", "familyName": "Castellanos", "birthDate": date(1971, 11, 23), "state": "NE", "email": ""},
	} {
		if err := tolerate(a.call(ctx, who, http.MethodPost, "patients", body, nil), "PATIENT_EXISTS"); err != nil {
			return err
		}
	}
	return a.appointment(ctx, now)
}

func date(y, m, d int) object { return object{"year": y, "month": m, "day": d} }

func tolerate(err error, reason string) error {
	var r *refusal
	if errors.As(err, &r) && r.Reason == reason {
		return nil
	}
	return err
}

// texts publishes what patients are asked, for each purpose that has no text.
func (a *api) texts(ctx context.Context) error {
	var have struct {
		Texts []struct {
			Purpose string `json:"purpose"`
		} `json:"texts"`
	}
	if err := a.call(ctx, "admin", http.MethodGet, "consentTexts", nil, &have); err != nil {
		return err
	}
	texts := map[string]string{
		"PURPOSE_CARE": "I agree to be seen by my provider by video. I understand that a visit by video has limits: the provider cannot touch or examine me directly, " +
			"and the connection can fail. I may stop at any time, and stopping does not affect my right to care in person.",
		"PURPOSE_RECORDING": "I agree that my provider may record this visit. The recording is encrypted, is part of my record and is kept no longer than the law asks for. " +
			"I can take this back at any time; recording then stops at once.",
		"PURPOSE_MESSAGING": "I agree to exchange written messages with my provider about this visit. Messages are encrypted, become part of the visit and are not read around the clock. " +
			"In an emergency I call 911.",
	}
	for _, t := range have.Texts {
		delete(texts, t.Purpose)
	}
	for purpose, body := range texts {
		if err := a.call(ctx, "admin", http.MethodPost, "consentTexts", object{"purpose": purpose, "body": body}, nil); err != nil {
			return err
		}
	}
	return nil
}

type clinician struct {
	who, name, specialty, zone string
	slot                       int
	licenses                   []any
	weekly                     []any
	approved                   bool
}

func clinicians(now time.Time) []clinician {
	until := now.AddDate(2, 0, 0)
	license := func(state, number string) any {
		return object{"state": state, "licenseNumber": number, "expireDate": date(until.Year(), int(until.Month()), 1)}
	}
	var always, office []any
	for day := range 7 {
		always = append(always, object{"weekday": day, "startMinute": 0, "endMinute": 1440})
		if day >= 1 && day <= 5 {
			office = append(office, object{"weekday": day, "startMinute": 9 * 60, "endMinute": 17 * 60})
		}
	}
	return []clinician{
		{"provider-co", "Dr. Amara Okafor", "Family medicine", "America/Denver", 15, []any{license("CO", "CO-DR-0061841"), license("NE", "NE-30977")}, always, true},
		{"provider-ne", "Dr. Niels Eriksen", "Dermatology", "America/Chicago", 30, []any{license("NE", "NE-28814")}, office, true},
		{"provider-new", "Dr. Noor Haddad", "Psychiatry", "America/Denver", 30, []any{license("CO", "CO-DR-0070235")}, nil, false},
	}
}

func (a *api) clinician(ctx context.Context, c clinician) error {
	p, err := a.people.named(c.who)
	if err != nil {
		return err
	}
	err = a.call(ctx, c.who, http.MethodPost, "providers", object{"displayName": c.name, "specialty": c.specialty, "timeZone": c.zone,
		"slotMinutes": c.slot, "licenses": c.licenses}, nil)
	if err := tolerate(err, "PROVIDER_EXISTS"); err != nil {
		return err
	}
	if !c.approved {
		return nil
	}
	if err := a.call(ctx, c.who, http.MethodPost, "providers/me/availability", object{"weekly": c.weekly}, nil); err != nil {
		return err
	}
	return tolerate(a.call(ctx, "admin", http.MethodPost, "providers/"+p.Subject.String()+":approve", object{}, nil), "PROVIDER_STATE")
}

// appointment books one visit for tomorrow, so that no first page is empty. Its request id is derived from the patient, which
// makes a repeat the same booking.
func (a *api) appointment(ctx context.Context, now time.Time) error {
	patient, err := a.people.named("patient-a")
	if err != nil {
		return err
	}
	provider, err := a.people.named("provider-co")
	if err != nil {
		return err
	}
	from := now.Add(24 * time.Hour).UTC().Truncate(time.Hour)
	var free struct {
		Slots []struct {
			StartTime string `json:"startTime"`
		} `json:"slots"`
	}
	query := "?startTime=" + from.Format(time.RFC3339) + "&endTime=" + from.Add(24*time.Hour).Format(time.RFC3339)
	if err := a.call(ctx, "patient-a", http.MethodGet, "providers/"+provider.Subject.String()+"/slots"+query, nil, &free); err != nil {
		return err
	}
	if len(free.Slots) == 0 {
		return errors.New("local: the demo provider has no free slot tomorrow")
	}
	err = a.call(ctx, "patient-a", http.MethodPost, "appointments", object{"providerId": provider.Subject.String(), "startTime": free.Slots[0].StartTime,
		"reasonForVisit": "Follow-up on a sprained ankle", "requestId": uuid.NewSHA1(patient.Subject, []byte("demo")).String()}, nil)
	// Another attempt found another hour free than the first.
	if err != nil && strings.Contains(err.Error(), "REQUEST_ID_REUSED") {
		return nil
	}
	return err
}
