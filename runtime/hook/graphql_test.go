package hook_test

import (
	"context"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

func TestGraphQL(t *testing.T) {
	spans := record(t)
	operations := hook.NewGraphQL(hook.NewAt("example.com/graphql", "1.43.0"))
	ctx, call := operations.Start(context.Background(), "QUERY", strings.Repeat("n", 1000))
	if !trace.SpanContextFromContext(ctx).IsValid() {
		t.Error("the context has no span")
	}
	call.Leave()
	call.Enter()()
	call.End(2, "nothing at https://user:secret@example.com/")
	call.End(0, "") // is too late
	_, call = operations.Start(context.Background(), "made up", "")
	call.End(0, "")

	var none *hook.GraphQLCall
	none.Leave()
	none.Enter()()
	none.End(1, "nothing")

	ended := spans.Ended()
	if len(ended) != 2 {
		t.Fatalf("%d spans", len(ended))
	}
	if s := ended[0]; s.Name() != "query" || s.SpanKind() != trace.SpanKindServer || s.Status().Code != codes.Error ||
		!strings.HasPrefix(s.Status().Description, "nothing at ") || strings.Contains(s.Status().Description, "secret") {
		t.Errorf("%s of kind %v with status %v", s.Name(), s.SpanKind(), s.Status())
	}
	got, want := attribute.NewSet(ended[0].Attributes()...), attribute.NewSet(attribute.String("graphql.operation.type", "query"),
		attribute.String("graphql.operation.name", strings.Repeat("n", 256)), attribute.String("error.type", "_OTHER"))
	if !got.Equals(&want) {
		t.Errorf("it has %v", got.ToSlice())
	}
	if s := ended[1]; s.Name() != "GraphQL Operation" || len(s.Attributes()) != 0 || s.Status().Code != codes.Unset {
		t.Errorf("%s has %v and status %v", s.Name(), s.Attributes(), s.Status())
	}
}
