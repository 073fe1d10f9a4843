package service_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"

	"github.com/fusionems/quantum/pkg/db"
	"github.com/fusionems/quantum/pkg/rpc"
	"github.com/fusionems/quantum/pkg/service"
	"github.com/fusionems/quantum/pkg/testkit/logbuffer"
	"github.com/fusionems/quantum/pkg/testkit/servicetest"
)

// plain is a service of one table and no calls.
func plain() service.Definition {
	return service.Definition{
		Name:       "qa",
		Migrations: fstest.MapFS{"0001_create_x.sql": {Data: []byte("-- +goose Up\nCREATE TABLE qa.x (id int);\n")}},
		Register:   func(context.Context, *service.Kit) error { return nil },
	}
}

func TestABinaryDoesNotStartOnASchemaBeyondIt(t *testing.T) {
	r := servicetest.Start(t, plain(), servicetest.Options{})
	health(t, r, grpc_health_v1.HealthCheckResponse_SERVING, "")
	if _, err := r.Database.Superuser(t).Exec(t.Context(), "INSERT INTO qa.goose_db_version (version_id, is_applied) VALUES (100, true)"); err != nil {
		t.Fatal(err)
	}
	log := new(logbuffer.Buffer)
	err := r.Again(t.Context(), log)
	if !errors.Is(err, db.ErrSchemaNewer) || !strings.Contains(err.Error(), "qa does not start") || strings.Contains(log.String(), "serving") {
		t.Errorf("%v\n%s", err, log.String())
	}
	// The one that was there before is not ready any more, and says why.
	health(t, r, grpc_health_v1.HealthCheckResponse_NOT_SERVING, "schema: the schema is newer than this binary")
}

func TestABinaryWaitsForASchemaThatIsBehind(t *testing.T) {
	r := servicetest.Start(t, plain(), servicetest.Options{})
	super := r.Database.Superuser(t)
	if _, err := super.Exec(t.Context(), "DELETE FROM qa.goose_db_version WHERE version_id = 1"); err != nil {
		t.Fatal(err)
	}
	health(t, r, grpc_health_v1.HealthCheckResponse_NOT_SERVING, "this binary needs 1 or later: run migrate")
	log := new(logbuffer.Buffer)
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	go func() {
		for ctx.Err() == nil && !(strings.Contains(log.String(), "not ready until the schema fits") && strings.Contains(log.String(), "serving")) {
			time.Sleep(20 * time.Millisecond)
		}
		cancel()
	}()
	if err := r.Again(ctx, log); err != nil || !strings.Contains(log.String(), "not ready until the schema fits") || !strings.Contains(log.String(), "serving") {
		t.Errorf("%v\n%s", err, log.String())
	}
}

// health waits until the service answers so, and says why.
func health(t *testing.T, r *servicetest.Running, want grpc_health_v1.HealthCheckResponse_ServingStatus, why string) {
	t.Helper()
	client := grpc_health_v1.NewHealthClient(r.Gateway())
	var said string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		var header metadata.MD
		res, err := client.Check(t.Context(), &grpc_health_v1.HealthCheckRequest{}, grpc.Header(&header))
		said = strings.Join(header.Get(rpc.HeaderNotReady), " ")
		if err == nil && res.GetStatus() == want && strings.Contains(said, why) {
			return
		}
	}
	t.Errorf("it is not %s with %q: it says %q", want, why, said)
}
