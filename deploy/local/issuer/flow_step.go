package issuer

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"
)

// What a person reads after a form was refused. The first is the same for an unknown name, a wrong password and a disabled user.
const (
	sayInvalid  = "The username or the password is wrong. Check both and try again."
	sayWrong    = "The code is wrong. Enter the six digits that your authenticator shows now."
	sayUsed     = "This code was used already. Wait until your authenticator shows the next one."
	sayNoName   = "Enter your username."
	sayNoWord   = "Enter your password."
	sayNoDigits = "Enter the six digits that your authenticator shows."
	sayEnrolled = "An authenticator was set up for this account in the meantime. Sign in again, with a code of that one."
	sayNotYet   = "The code does not fit this key. Check that the clock of your device is right, and enter the six digits it shows now."
)

func (p *Provider) sayLocked() string {
	return "Too many attempts. Signing in with this username is locked for up to " + minutes(p.cfg.Lockout.Duration) +
		". Try again later, or ask your administrator to unlock it."
}

// passwordStep judges name and password. The second factor is asked for only after both are right, so that its page tells
// nobody whether a name exists.
func (p *Provider) passwordStep(w http.ResponseWriter, r *http.Request, f *flow, form url.Values) {
	typed, password := strings.TrimSpace(form.Get("username")), form.Get("password")
	name := strings.ToLower(typed)
	f.Request.LoginHint = typed
	if name == "" || password == "" {
		p.render(w, r, f, "", emptyFields(name, password))
		return
	}
	if err := p.counters.takeIdentity(r, f.Request.ClientID, aboutUser(name)); err != nil {
		p.failPage(w, r, err)
		return
	}
	user := p.currentRealm().byName[name]
	result, err := p.store.attempt(r.Context(), name, p.cfg.Now(), p.cfg.Lockout, func(ctx context.Context, tx pgx.Tx, locked bool) (verdict, error) {
		right := p.passwordMatches(user, password)
		if !right || locked || user.Disabled {
			return refused, nil
		}
		return passed, p.toSecondFactor(ctx, tx, f, user)
	})
	if err != nil {
		p.failPage(w, r, err)
		return
	}
	if result.verdict == passed {
		p.send(w, r, p.flowAddress(f))
		return
	}
	p.logRefused(r.Context(), f.Request.ClientID, user, result)
	say := sayInvalid
	if result.locked {
		say = p.sayLocked()
	}
	p.render(w, r, f, say, nil)
}

func emptyFields(name, password string) map[string]string {
	empty := map[string]string{}
	if name == "" {
		empty["username"] = sayNoName
	}
	if password == "" {
		empty["password"] = sayNoWord
	}
	return empty
}

// toSecondFactor moves a flow on to the code, or to the enrolment of who has no authenticator yet.
func (p *Provider) toSecondFactor(ctx context.Context, tx pgx.Tx, f *flow, user *User) error {
	secret, err := p.authenticator(ctx, tx, user)
	if err != nil {
		return err
	}
	if secret != "" {
		_, err = move(ctx, tx, f, stepCode, user.ID, nil)
		return err
	}
	_, err = move(ctx, tx, f, stepEnrol, user.ID, p.sealer.seal(NewTOTPSecret(), user.ID))
	return err
}

// finished is what a completed sign-in leaves the browser with.
type finished struct{ location, cookie, session string }

// codeStep judges the code of an authenticator, or of one that is being enrolled, and ends the sign-in.
func (p *Provider) codeStep(w http.ResponseWriter, r *http.Request, f *flow, form url.Values) {
	user := p.currentRealm().byID[f.Subject]
	code := strings.Join(strings.Fields(form.Get("totp")), "")
	switch {
	case user == nil || f.Step == stepDone:
		p.send(w, r, p.flowAddress(f))
		return
	case code == "":
		p.render(w, r, f, "", map[string]string{"totp": sayNoDigits})
		return
	}
	if err := p.counters.takeIdentity(r, f.Request.ClientID, aboutUser(user.Username)); err != nil {
		p.failPage(w, r, err)
		return
	}
	var done *finished
	result, err := p.store.attempt(r.Context(), user.Username, p.cfg.Now(), p.cfg.Lockout, func(ctx context.Context, tx pgx.Tx, locked bool) (verdict, error) {
		if locked || user.Disabled {
			return refused, nil
		}
		v, err := p.judgeCode(ctx, tx, f, user, code)
		if err != nil || v != accepted {
			return v, err
		}
		done, err = p.complete(ctx, tx, r, f, user)
		return v, err
	})
	if err != nil {
		p.failPage(w, r, err)
		return
	}
	p.afterCode(w, r, f, user, result, done)
}

func (p *Provider) judgeCode(ctx context.Context, tx pgx.Tx, f *flow, user *User, code string) (verdict, error) {
	if f.Step == stepEnrol {
		return p.enrol(ctx, tx, user, f.Secret, code, p.cfg.Now())
	}
	return p.secondFactor(ctx, tx, user, code, p.cfg.Now())
}

// complete ends a flow: the browser is remembered, and the client gets its code. It answers nil when another submit of the
// same form has done so.
func (p *Provider) complete(ctx context.Context, tx pgx.Tx, r *http.Request, f *flow, user *User) (*finished, error) {
	first, err := move(ctx, tx, f, stepDone, user.ID, nil)
	if err != nil || !first {
		return nil, err
	}
	now := p.cfg.Now()
	old, err := p.store.browserByCookie(ctx, tx, cookie(r, sessionCookie), now)
	if err != nil {
		return nil, err
	}
	b, secret, err := signIn(ctx, tx, old, user.ID, now, now.Add(p.cfg.SessionMax))
	if err != nil {
		return nil, err
	}
	location, err := p.issueCode(ctx, tx, &f.Request, b, user)
	return &finished{location: location, cookie: secret, session: b.ID}, err
}

// afterCode answers what the code step came to.
func (p *Provider) afterCode(w http.ResponseWriter, r *http.Request, f *flow, user *User, result outcome, done *finished) {
	switch {
	case done != nil:
		event := "signed in"
		if f.Step == stepEnrol {
			event = "signed in with a newly enrolled authenticator"
		}
		p.cfg.Log.Info(event, "subject", user.ID, "client", f.Request.ClientID, "browser", done.session)
		setCookie(w, sessionCookie, done.cookie)
		p.send(w, r, done.location)
	case result.verdict == accepted:
		p.send(w, r, p.flowAddress(f))
	case result.verdict == replayed:
		p.afterReplay(w, r, f)
	case result.verdict == passed:
		p.render(w, r, f, sayNotYet, nil)
	case result.verdict == unready:
		p.backToPassword(w, r, f, sayEnrolled)
	case result.locked:
		p.logRefused(r.Context(), f.Request.ClientID, user, result)
		p.backToPassword(w, r, f, p.sayLocked())
	case user.Disabled:
		p.logRefused(r.Context(), f.Request.ClientID, user, result)
		p.backToPassword(w, r, f, sayInvalid)
	default:
		p.logRefused(r.Context(), f.Request.ClientID, user, result)
		p.render(w, r, f, sayWrong, nil)
	}
}

// afterReplay tells the second submit of a form, whose code the first one has just used, from a code that is tried again.
func (p *Provider) afterReplay(w http.ResponseWriter, r *http.Request, f *flow) {
	now, err := p.flowOf(r)
	switch {
	case err != nil:
		p.failPage(w, r, err)
	case now.Step != f.Step:
		p.send(w, r, p.flowAddress(f))
	default:
		p.render(w, r, f, sayUsed, nil)
	}
}

// backToPassword begins a flow over: what the password had opened is closed again.
func (p *Provider) backToPassword(w http.ResponseWriter, r *http.Request, f *flow, say string) {
	if err := p.store.restartFlow(r.Context(), f); err != nil {
		p.failPage(w, r, err)
		return
	}
	f.Step, f.Subject, f.Secret = stepPassword, "", nil
	p.render(w, r, f, say, nil)
}
