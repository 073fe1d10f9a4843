package problem_test

import (
	"encoding/json"
	"errors"
	"net/http/httptest"
	"reflect"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/fusionems/quantum/gateway/internal/problem"
	"github.com/fusionems/quantum/pkg/errs"
)

func withReason(c codes.Code, reason, message string) error {
	s, err := status.New(c, message).WithDetails(&errdetails.ErrorInfo{Reason: reason, Domain: "qa.fleet"})
	if err != nil {
		panic(err)
	}
	return s.Err()
}

func TestFromStatus(t *testing.T) {
	const internalText = "pq: relation qa.cases does not exist"
	for name, tc := range map[string]struct {
		err    error
		code   int
		reason string
	}{
		"not found":               {withReason(codes.NotFound, "CASE_NOT_FOUND", "no such case"), 404, "CASE_NOT_FOUND"},
		"denied":                  {withReason(codes.PermissionDenied, "SCOPE_MISSING", "no"), 403, "SCOPE_MISSING"},
		"exists":                  {withReason(codes.AlreadyExists, "AGENCY_EXISTS", "no"), 409, "AGENCY_EXISTS"},
		"conflict":                {withReason(codes.Aborted, "CHANGED_MEANWHILE", "no"), 409, "CHANGED_MEANWHILE"},
		"precondition":            {withReason(codes.FailedPrecondition, "POLICY_VERSION_REQUIRED", "no"), 409, "POLICY_VERSION_REQUIRED"},
		"too large":               {withReason(codes.OutOfRange, "DOCUMENT_TOO_LARGE", "no"), 413, "DOCUMENT_TOO_LARGE"},
		"unavailable with reason": {withReason(codes.Unavailable, "AUDIT_UNAVAILABLE", "no"), 503, "AUDIT_UNAVAILABLE"},
		"deadline of the service": {withReason(codes.Unavailable, "DEADLINE_EXCEEDED", "no"), 504, "DEADLINE_EXCEEDED"},
		"internal":                {withReason(codes.Internal, "INTERNAL", internalText), 500, "INTERNAL"},
		"connection refused":      {status.Error(codes.Unavailable, internalText), 503, "SERVICE_UNAVAILABLE"},
		"deadline":                {status.Error(codes.DeadlineExceeded, internalText), 504, "DEADLINE_EXCEEDED"},
		"nobody's status":         {status.Error(codes.Unknown, internalText), 500, "INTERNAL"},
		"no status":               {errors.New(internalText), 500, "INTERNAL"},
		"parameter":               {status.Error(codes.InvalidArgument, internalText), 400, "REQUEST_INVALID"},
	} {
		t.Run(name, func(t *testing.T) {
			p := problem.FromStatus(tc.err)
			if p.Status != tc.code || p.Reason != tc.reason {
				t.Fatalf("got %d %s", p.Status, p.Reason)
			}
			if p.Detail == internalText || p.Detail == "" {
				t.Fatalf("detail %q", p.Detail)
			}
			if (tc.code == 503) != (p.RetryAfter > 0) {
				t.Fatalf("retry after %d", p.RetryAfter)
			}
		})
	}
}

func TestShape(t *testing.T) {
	s, err := status.New(codes.InvalidArgument, "the document is not valid").WithDetails(
		&errdetails.ErrorInfo{Reason: "NEMSIS_INVALID"},
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{{
			Field: "/EMSDataSet/Header/PatientCareReport[2]/eTimes/eTimes.03[1]", Reason: "nemsis.xsd.missing_mandatory@17", Description: "is mandatory",
		}, {Field: "page_size", Reason: "int32.gte", Description: "must be at least 0"}}})
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	problem.FromStatus(s.Err()).Write(w, "0190b7c4-0000-7000-8000-000000000001")
	var got map[string]any
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"type": "urn:fusionems:problem:NEMSIS_INVALID", "title": "Bad Request", "status": 400.0, "detail": "the document is not valid",
		"reason": "NEMSIS_INVALID", "instance": "0190b7c4-0000-7000-8000-000000000001",
		"errors": []any{
			map[string]any{
				"field": "/EMSDataSet/Header/PatientCareReport[2]/eTimes/eTimes.03[1]", "rule": "nemsis.xsd.missing_mandatory",
				"message": "is mandatory", "element": "eTimes.03", "line": 17.0,
			},
			map[string]any{"field": "pageSize", "rule": "int32.gte", "message": "must be at least 0"},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %v\nwant %v", got, want)
	}
	if ct := w.Header().Get("Content-Type"); w.Code != 400 || ct != problem.ContentType {
		t.Fatalf("%d %s", w.Code, ct)
	}
}

func TestRefusal(t *testing.T) {
	if p := problem.FromReason(errs.New(errs.Denied, "SCOPE_MISSING", "x")); p.Status != 403 {
		t.Fatal(p.Status)
	}
	if p := problem.FromReason(errs.New(errs.Precondition, "POLICY_VERSION_REQUIRED", "x")); p.Status != 409 {
		t.Fatal(p.Status)
	}
	w := httptest.NewRecorder()
	p := problem.New(429, "RATE_LIMITED", "slow down")
	p.RetryAfter = 7
	p.Write(w, "")
	if w.Header().Get("Retry-After") != "7" {
		t.Fatal(w.Header())
	}
}
