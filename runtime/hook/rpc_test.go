package hook_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
)

func TestRPC(t *testing.T) {
	spans := record(t)
	calls := hook.NewRPC(hook.NewAt("example.com/rpc", "1.43.0"), "jsonrpc")
	others := hook.NewRPC(hook.New("example.com/other"), "dubbo")

	with, call := calls.Client(context.Background(), "/pkg.Service/Method", "example.com:443")
	ctx, cancel := context.WithCancel(call.In(with))
	cancel()
	if found := calls.Current(ctx); found != call {
		t.Errorf("found %v", found)
	}
	if found := others.Current(ctx); found != nil {
		t.Errorf("another library's call is %v", found)
	}
	call.End("NOT_FOUND", true, errors.New("nothing at https://user:secret@example.com/"))
	call.End("OK", false, nil) // is too late

	_, call = calls.Server(context.Background(), "pkg.Service/Made-up", false, "", "192.0.2.1:7")
	call.End("UNIMPLEMENTED", false, errors.New("not here"))

	var none *hook.RPCCall
	none.Set(attribute.Bool("a", true))
	none.End("OK", false, nil)

	ended := spans.Ended()
	if len(ended) != 2 {
		t.Fatalf("%d spans", len(ended))
	}
	attrs := func(i int) attribute.Set { return attribute.NewSet(ended[i].Attributes()...) }
	wants := []attribute.Set{
		attribute.NewSet(attribute.String("rpc.system.name", "jsonrpc"), attribute.String("rpc.method", "pkg.Service/Method"),
			attribute.String("server.address", "example.com"), attribute.Int("server.port", 443),
			attribute.String("rpc.response.status_code", "NOT_FOUND"), attribute.String("error.type", "NOT_FOUND")),
		attribute.NewSet(attribute.String("rpc.system.name", "jsonrpc"), attribute.String("rpc.method", "_OTHER"),
			attribute.String("rpc.method_original", "pkg.Service/Made-up"), attribute.String("network.peer.address", "192.0.2.1"),
			attribute.Int("network.peer.port", 7), attribute.String("rpc.response.status_code", "UNIMPLEMENTED")),
	}
	for i, want := range wants {
		if got := attrs(i); !got.Equals(&want) {
			t.Errorf("%s has %v, and not %v", ended[i].Name(), got.ToSlice(), want.ToSlice())
		}
	}
	if s := ended[0].Status(); s.Code != codes.Error || !strings.HasPrefix(s.Description, "nothing at ") || strings.Contains(s.Description, "secret") {
		t.Errorf("the status is %v", s)
	}
	if s := ended[1].Status(); s.Code != codes.Unset {
		t.Errorf("the status is %v", s)
	}
	if url := ended[0].InstrumentationScope().SchemaURL; url != "https://opentelemetry.io/schemas/1.43.0" {
		t.Errorf("it follows %s", url)
	}
}
