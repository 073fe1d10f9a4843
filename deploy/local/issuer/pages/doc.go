// Package pages renders what the issuer shows a browser: sign-in, one-time code, enrolment of an authenticator, and what went
// wrong. Every page is plain HTML that works without a script and carries a policy that allows none but the one file beside it.
package pages
