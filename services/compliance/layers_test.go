package compliance_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/fusionems/quantum/pkg/authz"
	"github.com/fusionems/quantum/pkg/rpc"
	"github.com/fusionems/quantum/pkg/testkit/servicetest"
	compliancev1 "github.com/fusionems/quantum/proto/gen/go/fleet/compliance/v1"
)

func table(t *testing.T) *authz.Table {
	t.Helper()
	table, err := authz.Load()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// forAgency is the context of a call between services about an agency.
func forAgency(t *testing.T, agency int64) context.Context {
	return metadata.AppendToOutgoingContext(t.Context(), rpc.HeaderAgency, strconv.FormatInt(agency, 10))
}

// probes are all methods of both workspaces, each with a request that passes the checks of its fields.
func probes() []servicetest.Probe {
	id := uuid.NewString()
	requests := map[string]proto.Message{
		compliancev1.DeaService_GetDeaMetadata_FullMethodName:       &compliancev1.GetDeaMetadataRequest{Id: id},
		compliancev1.CmsService_GetCmsMetadata_FullMethodName:       &compliancev1.GetCmsMetadataRequest{Id: id},
		compliancev1.DeaService_CreateDeaMetadata_FullMethodName:    &compliancev1.CreateDeaMetadataRequest{Metadata: registration(numbers[0]), RequestId: id},
		compliancev1.CmsService_CreateCmsMetadata_FullMethodName:    &compliancev1.CreateCmsMetadataRequest{Metadata: enrollment("1234567893"), RequestId: id},
		compliancev1.DeaService_UpdateDeaMetadata_FullMethodName:    &compliancev1.UpdateDeaMetadataRequest{Id: id, Metadata: registration(numbers[0])},
		compliancev1.CmsService_UpdateCmsMetadata_FullMethodName:    &compliancev1.UpdateCmsMetadataRequest{Id: id, Metadata: enrollment("1234567893")},
		compliancev1.DeaService_DeleteDeaMetadata_FullMethodName:    &compliancev1.DeleteDeaMetadataRequest{Id: id, Reason: 1, Etag: "r1"},
		compliancev1.CmsService_DeleteCmsMetadata_FullMethodName:    &compliancev1.DeleteCmsMetadataRequest{Id: id, Reason: 1, Etag: "r1"},
		compliancev1.DeaService_AcknowledgeDeaAlert_FullMethodName:  &compliancev1.AcknowledgeDeaAlertRequest{Id: id},
		compliancev1.CmsService_AcknowledgeCmsAlert_FullMethodName:  &compliancev1.AcknowledgeCmsAlertRequest{Id: id},
		compliancev1.DeaService_SnoozeDeaAlert_FullMethodName:       &compliancev1.SnoozeDeaAlertRequest{Id: id, UntilDate: in(1), Reason: "later"},
		compliancev1.CmsService_SnoozeCmsAlert_FullMethodName:       &compliancev1.SnoozeCmsAlertRequest{Id: id, UntilDate: in(1), Reason: "later"},
		compliancev1.DeaService_CreateDeaNote_FullMethodName:        &compliancev1.CreateDeaNoteRequest{Note: &compliancev1.ComplianceNote{Text: "x"}},
		compliancev1.CmsService_CreateCmsNote_FullMethodName:        &compliancev1.CreateCmsNoteRequest{Note: &compliancev1.ComplianceNote{Text: "x"}},
		compliancev1.DeaService_AcknowledgeDeaNotice_FullMethodName: &compliancev1.AcknowledgeDeaNoticeRequest{Version: 1, Sha256: strings.Repeat("0", 64)},
		compliancev1.CmsService_AcknowledgeCmsNotice_FullMethodName: &compliancev1.AcknowledgeCmsNoticeRequest{Version: 1, Sha256: strings.Repeat("0", 64)},
		compliancev1.DeaService_CreateDeaGrant_FullMethodName: &compliancev1.CreateDeaGrantRequest{Grant: &compliancev1.DeaGrant{
			Subject: "somebody", Reason: "inspection", ExpireTime: tomorrow(),
		}},
		compliancev1.DeaService_RevokeDeaGrant_FullMethodName: &compliancev1.RevokeDeaGrantRequest{Id: id},
	}
	var list []servicetest.Probe
	for _, desc := range []grpc.ServiceDesc{compliancev1.DeaService_ServiceDesc, compliancev1.CmsService_ServiceDesc} {
		for _, m := range desc.Methods {
			p := servicetest.Probe{Method: "/" + desc.ServiceName + "/" + m.MethodName}
			if p.Request = requests[p.Method]; p.Request == nil {
				p.Request = message(method(p.Method).Input())
			}
			list = append(list, p)
		}
	}
	return list
}

func method(full string) protoreflect.MethodDescriptor {
	service, name, _ := strings.Cut(strings.TrimPrefix(full, "/"), "/")
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service))
	if err != nil {
		panic(err)
	}
	return d.(protoreflect.ServiceDescriptor).Methods().ByName(protoreflect.Name(name))
}

func message(d protoreflect.MessageDescriptor) proto.Message {
	mt, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		panic(err)
	}
	return mt.New().Interface()
}

func answer(t *testing.T, full string) proto.Message {
	t.Helper()
	return message(method(full).Output())
}

// edits says whether a method changes the workspace: not its reading, and not the acknowledgement that opens it.
func edits(full string) bool {
	_, name, _ := strings.Cut(strings.TrimPrefix(full, "/"), "/")
	for _, verb := range []string{"Create", "Update", "Delete", "Revoke", "Snooze"} {
		if strings.HasPrefix(name, verb) {
			return true
		}
	}
	return strings.HasPrefix(name, "Acknowledge") && strings.HasSuffix(name, "Alert")
}

// The second layer: whoever the matrix denies is refused by the service itself, whatever the gateway let through.
func TestTheServiceRefuses(t *testing.T) {
	w := start(t, false)
	roles := table(t)
	for _, p := range probes() {
		rule, _ := roles.Rule(p.Method)
		for _, role := range roles.Roles() {
			persona := servicetest.Persona(roles, role.Name, agencyA)
			allowed := false
			for _, s := range rule.GetScopes() {
				allowed = allowed || persona.HasScope(s)
			}
			if err := w.Gateway().Invoke(w.AsPrincipal(persona), p.Method, p.Request, answer(t, p.Method)); !allowed && status.Code(err) != codes.PermissionDenied {
				t.Errorf("%s as %s: %v, want it denied", p.Method, role.Name, err)
			}
		}
	}
	_, err := compliancev1.NewDeaServiceClient(w.ConnAs("qa")).ListDeaMetadata(w.As("compliance_officer", agencyA), &compliancev1.ListDeaMetadataRequest{})
	if status.Code(err) != codes.Unauthenticated {
		t.Errorf("a user's call that did not come through the gateway: %v", err)
	}
	access := &compliancev1.GetWorkspaceAccessRequest{Subject: "x"}
	if _, err := compliancev1.NewWorkspaceAccessServiceClient(w.ConnAs("qa")).GetWorkspaceAccess(t.Context(), access); status.Code(err) != codes.PermissionDenied {
		t.Errorf("another service asks about a person: %v", err)
	}
}

// The third layer: with the service's own check switched off, the database answers only to those whom the matrix allows.
func TestTheDatabaseRefuses(t *testing.T) {
	w := start(t, true)
	var roles []string
	for _, r := range table(t).Roles() {
		roles = append(roles, r.Name)
	}
	w.acknowledged(t, roles...)
	w.granted(t, true, "1 hour")
	officer := w.As("compliance_officer", agencyA)
	expiring, due := registration(numbers[0]), enrollment("1234567893")
	expiring.ExpirationDate, due.RevalidationDueDate = in(5), in(5)
	dea := w.make(t, agencyA, expiring)
	cms, err := w.cms.CreateCmsMetadata(officer, &compliancev1.CreateCmsMetadataRequest{Metadata: due, RequestId: uuid.NewString()})
	if err != nil {
		t.Fatal(err)
	}
	for _, workspace := range []string{"dea", "cms"} {
		w.exec(t, `INSERT INTO compliance.compliance_note VALUES ($1, gen_random_uuid(), $2, NULL, 'x', 2, 'a', 'r', now())`, agencyA, workspace)
	}
	reads := []string{"ListDeaMetadata", "GetDeaMetadata", "ListDeaAlerts", "ListDeaNotes", "ListDeaGrants", "ListCmsMetadata", "GetCmsMetadata", "ListCmsAlerts", "ListCmsNotes"}
	except := map[string]string{}
	var list []servicetest.Probe
	for _, p := range probes() {
		_, name, _ := strings.Cut(strings.TrimPrefix(p.Method, "/"), "/")
		switch {
		case !slices.Contains(reads, name):
			except[p.Method] = reasonOf(name)
		case name == "GetDeaMetadata":
			p.Request = &compliancev1.GetDeaMetadataRequest{Id: dea.GetId()}
		case name == "GetCmsMetadata":
			p.Request = &compliancev1.GetCmsMetadataRequest{Id: cms.GetId()}
		}
		// The administrator's own grants are rows of theirs, though no call lists them for them.
		if slices.Contains(reads, name) && name != "ListDeaGrants" {
			list = append(list, p)
		}
	}
	except[compliancev1.DeaService_ListDeaGrants_FullMethodName] = "an administrator's own grants are their rows in the database"
	w.DatabaseRefuses(t, agencyA, list, except)
}

// reasonOf says why a method is no probe of the database.
func reasonOf(name string) string {
	switch {
	case strings.Contains(name, "Notice"):
		return "a notice is the same for everybody, and its acknowledgement one's own"
	case strings.Contains(name, "AuditLog"), strings.Contains(name, "Export"):
		return "its evidence is the audit service's, which refuses by itself; its rows are those of the list"
	case name == "GetCmsReadiness", name == "GetDeaAccess":
		return "without rows it answers that nothing is known"
	default:
		return "one group holds roles that write and roles that look; the tests of the store say what each group writes"
	}
}
