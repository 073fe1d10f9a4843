package clinical_test

import (
	"crypto/rand"
	"encoding/base64"
	"testing"

	"github.com/google/uuid"
	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"

	"github.com/fusionems/quantum/pkg/config"
	"github.com/fusionems/quantum/pkg/service"
	"github.com/fusionems/quantum/pkg/testkit/servicetest"
	agencyv1 "github.com/fusionems/quantum/proto/gen/go/fleet/agency/v1"
	clinicalv1 "github.com/fusionems/quantum/proto/gen/go/fleet/clinical/v1"
	"github.com/fusionems/quantum/services/clinical"
)

// running is the service with its own check of rules open: what refuses then is the database.
func running(t *testing.T) *servicetest.Running {
	return servicetest.Start(t, clinical.Definition(), servicetest.Options{
		AuthzOpen: true,
		Settings: func(s service.Settings) {
			key := make([]byte, 32)
			if _, err := rand.Read(key); err != nil {
				t.Fatal(err)
			}
			s.(*clinical.Settings).KEK = config.Secret(base64.StdEncoding.EncodeToString(key))
		},
		Peers: map[string]func(grpc.ServiceRegistrar){"agency": func(r grpc.ServiceRegistrar) {
			agencyv1.RegisterModuleRegistryServiceServer(r, registry{})
		}},
	})
}

// medic is the subject of the persona with the role clinical_staff.
const medic = "test-clinical_staff"

func TestTheDatabaseRefuses(t *testing.T) {
	w := running(t)
	charts := clinicalv1.NewChartServiceClient(w.Gateway())
	docs := demo(t)
	var id string
	for _, agency := range []int64{north, south} {
		res, err := charts.ImportCharts(w.As("integration", agency), documentOf(docs[agency]["stemi"].XML))
		if err != nil {
			t.Fatal(err)
		}
		if agency == north {
			id = res.GetCharts()[0].GetId()
		}
	}
	// North's chart is the medic's own, and under review.
	personnel := clinicalv1.NewPersonnelServiceClient(w.Gateway())
	for agency, crew := range map[int64][]string{north: {"N100", "N200"}, south: {"X1"}} {
		if _, err := personnel.UpdatePersonnel(w.As("agency_administrator", agency),
			&clinicalv1.UpdatePersonnelRequest{Subject: medic, CrewIds: crew}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Database.Superuser(t).Exec(t.Context(),
		"INSERT INTO clinical.qa_context VALUES ($1, $2, $3, true, now())", north, id, uuid.New()); err != nil {
		t.Fatal(err)
	}
	counted := "staff see their own charts, so the database lets them count these; who may ask for the count is up to the rule"
	for _, agency := range []int64{north, south} {
		probes := []servicetest.Probe{
			{Method: clinicalv1.ChartService_ImportCharts_FullMethodName, Request: documentOf(docs[agency]["stemi"].XML)},
			{Method: clinicalv1.PersonnelService_ListPersonnel_FullMethodName, Request: &clinicalv1.ListPersonnelRequest{}},
			{Method: clinicalv1.PersonnelService_UpdatePersonnel_FullMethodName, Request: &clinicalv1.UpdatePersonnelRequest{Subject: "nobody"}},
		}
		except := map[string]string{clinicalv1.ChartService_GetChartSummary_FullMethodName: counted}
		if agency == north {
			probes = append(probes,
				servicetest.Probe{Method: clinicalv1.ChartService_ListCharts_FullMethodName, Request: &clinicalv1.ListChartsRequest{}},
				servicetest.Probe{Method: clinicalv1.ChartService_SearchCharts_FullMethodName, Request: &clinicalv1.SearchChartsRequest{Query: docs[north]["stemi"].PCRNumber}},
				servicetest.Probe{Method: clinicalv1.ChartService_GetChart_FullMethodName, Request: &clinicalv1.GetChartRequest{Id: id}},
				servicetest.Probe{Method: clinicalv1.ChartService_GetChartNemsis_FullMethodName, Request: &clinicalv1.GetChartNemsisRequest{Id: id}})
		} else {
			// South's reviewer and staff have no chart; what they see of north's is asked below.
			for _, m := range []string{
				clinicalv1.ChartService_ListCharts_FullMethodName, clinicalv1.ChartService_SearchCharts_FullMethodName,
				clinicalv1.ChartService_GetChart_FullMethodName, clinicalv1.ChartService_GetChartNemsis_FullMethodName,
			} {
				except[m] = "no chart of this agency is opened to reviewer or staff"
			}
		}
		w.DatabaseRefuses(t, agency, probes, except)
	}
	countsOfRoles(t, w)
	southSeesNothingOfNorth(t, w, id, docs[north]["stemi"].PCRNumber)
}

// countsOfRoles probes GetChartSummary role by role: who counts, what they count, and who is refused by the database.
func countsOfRoles(t *testing.T, w *servicetest.Running) {
	t.Helper()
	charts := clinicalv1.NewChartServiceClient(w.Gateway())
	for role, want := range map[string]map[int64]int32{
		"founder": {north: 1, south: 1}, "agency_administrator": {north: 1, south: 1}, "clinical_supervisor": {north: 1, south: 1},
		"qa_reviewer": {north: 1, south: 0}, "medical_director": {north: 1, south: 0}, "clinical_staff": {north: 1, south: 0},
		"peer_reviewer": nil, "billing_administrator": nil, "billing_staff": nil, "compliance_officer": nil, "controlled_substance_officer": nil,
	} {
		for _, agency := range []int64{north, south} {
			got, err := charts.GetChartSummary(w.As(role, agency), &clinicalv1.GetChartSummaryRequest{TimeZone: "America/Chicago"})
			if n, may := want[agency]; may != (err == nil) || got.GetCharts() != n {
				t.Errorf("%s of agency %d counts %v, %v; want %d, allowed %v", role, agency, got.GetCharts(), err, n, may)
			}
		}
	}
}

func southSeesNothingOfNorth(t *testing.T, w *servicetest.Running, id, number string) {
	t.Helper()
	charts := clinicalv1.NewChartServiceClient(w.Gateway())
	for _, role := range []string{"founder", "qa_reviewer", "clinical_supervisor", "medical_director", "clinical_staff"} {
		ctx := w.As(role, south)
		if _, err := charts.GetChart(ctx, &clinicalv1.GetChartRequest{Id: id}); err == nil {
			t.Errorf("%s of south reads a chart of north", role)
		}
		if found, err := charts.SearchCharts(ctx, &clinicalv1.SearchChartsRequest{Query: number}); err != nil || len(found.GetCharts()) != 0 {
			t.Errorf("%s of south finds %v, %v", role, found, err)
		}
	}
}

func documentOf(xml []byte) *clinicalv1.ImportChartsRequest {
	return &clinicalv1.ImportChartsRequest{Document: &httpbody.HttpBody{ContentType: "application/xml", Data: xml}}
}
