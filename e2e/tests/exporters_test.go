package e2e

import (
	"context"
	"net"
	"strings"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	_ "google.golang.org/grpc/encoding/gzip" // programs may be told to compress
)

// byGRPC is an OTLP/gRPC receiver made of grpc-go.
type byGRPC struct {
	collector.UnimplementedTraceServiceServer
	otlp
}

// Export keeps the spans.
func (c *byGRPC) Export(_ context.Context, req *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	c.take(req)
	return &collector.ExportTraceServiceResponse{}, nil
}

// TestExportersAndStamps builds a program with other exporters than the usual one, stamped, and has it send to a receiver of
// grpc-go, whose protocol the program's exporter speaks without it.
func TestExportersAndStamps(t *testing.T) {
	w := open(t, "zoo")
	build := func(flags ...string) string {
		flags = append([]string{woven, "--@rules_go_weave//:exporters=otlp_grpc,console"}, flags...)
		w.bazel("build", append(flags, "//web:cmd")...)
		return w.keep([]string{"//web:cmd"}, flags...)["//web:cmd"]
	}
	stamped := build("--stamp", "--embed_label=v1.2.3")

	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &byGRPC{}
	server := grpc.NewServer()
	collector.RegisterTraceServiceServer(server, c)
	go server.Serve(l)
	t.Cleanup(server.Stop)
	for _, compression := range []string{"none", "gzip"} {
		out, errs := run(t, 0, []string{
			"OTEL_SERVICE_NAME=web", "OTEL_METRICS_EXPORTER=none", "OTEL_EXPORTER_OTLP_COMPRESSION=" + compression,
			"OTEL_EXPORTER_OTLP_PROTOCOL=grpc", "OTEL_EXPORTER_OTLP_ENDPOINT=http://" + l.Addr().String(),
		}, stamped, "/hello/gopher")
		if out != "hello gopher\n" || errs != "" {
			t.Errorf("prints %q and %q", out, errs)
		}
		wantTree(t, &c.otlp, "GET", "GET /hello/{name}")
		for _, s := range c.all() {
			if got := s.resource["service.version"]; got != "v1.2.3" {
				t.Errorf("service.version of the stamped program is %q", got)
			}
		}
		c.spans = nil
	}
	out, _ := run(t, 0, []string{"OTEL_TRACES_EXPORTER=console", "OTEL_METRICS_EXPORTER=none"}, stamped, "/hello/gopher")
	if !strings.Contains(out, "GET /hello/{name}") || !strings.Contains(out, "v1.2.3") {
		t.Errorf("the console shows %q", out)
	}

	// The controls: what is not linked is told, and what is not stamped says nothing.
	_, errs := run(t, 0, []string{"OTEL_METRICS_EXPORTER=none", "OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "OTEL_EXPORTER_OTLP_ENDPOINT=http://" + l.Addr().String()},
		stamped, "/hello/gopher")
	if !strings.Contains(errs, "otlp_http") {
		t.Errorf("OTLP/HTTP is not linked, and the program says %q", errs)
	}
	out, _ = run(t, 0, []string{"OTEL_TRACES_EXPORTER=console", "OTEL_METRICS_EXPORTER=none"}, build(), "/hello/gopher")
	if !strings.Contains(out, "GET /hello/{name}") || strings.Contains(out, "service.version") {
		t.Errorf("not stamped, the console shows %q", out)
	}
}
