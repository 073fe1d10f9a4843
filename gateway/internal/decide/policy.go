package decide

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/metrics"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/storage/inmem"
)

// query is a prepared question to the policy. Its data never change, so all evaluations share one read transaction.
type query struct {
	prepared rego.PreparedEvalQuery
	txn      storage.Transaction
}

const (
	allowQuery  = "data.fleet.gateway.allow"
	reasonQuery = "data.fleet.gateway.reason"
)

// prepare compiles a question. There is no partial evaluation: with negation and two iterations over unknowns it unfolds into
// thousands of rules and makes each decision slower.
func prepare(ctx context.Context, q string, module, data []byte) (query, error) {
	var doc map[string]any
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := dec.Decode(&doc); err != nil {
		return query{}, fmt.Errorf("decide: policy data: %w", err)
	}
	parsed, err := ast.ParseModuleWithOpts("gateway.rego", string(module), ast.ParserOptions{RegoVersion: ast.RegoV1})
	if err != nil {
		return query{}, fmt.Errorf("decide: policy: %w", err)
	}
	store := inmem.NewFromObjectWithOpts(doc, inmem.OptReturnASTValuesOnRead(true))
	txn, err := store.NewTransaction(ctx)
	if err != nil {
		return query{}, fmt.Errorf("decide: policy data: %w", err)
	}
	r := rego.New(rego.Query(q), rego.ParsedModule(parsed), rego.Store(store), rego.Transaction(txn))
	p, err := r.PrepareForEval(ctx)
	if err != nil {
		return query{}, fmt.Errorf("decide: preparing %s: %w", q, err)
	}
	return query{p, txn}, nil
}

var errNoAnswer = errors.New("decide: the policy gave no answer")

func (q query) eval(ctx context.Context, input ast.Value) (any, error) {
	rs, err := q.prepared.Eval(ctx, rego.EvalParsedInput(input), rego.EvalTransaction(q.txn), rego.EvalMetrics(metrics.NoOp()))
	if err != nil {
		return nil, fmt.Errorf("decide: %w", err)
	}
	if len(rs) == 0 || len(rs[0].Expressions) == 0 {
		return nil, errNoAnswer
	}
	return rs[0].Expressions[0].Value, nil
}
