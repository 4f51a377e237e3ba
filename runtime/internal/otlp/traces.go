package otlp

import (
	"context"

	"go.opentelemetry.io/otel/exporters/otlp/otlptrace"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
)

// TraceClient is a Sender as OpenTelemetry's span exporter wants it.
type TraceClient struct{ Sender }

var _ otlptrace.Client = TraceClient{}

// Start does nothing.
func (TraceClient) Start(context.Context) error { return nil }

// Stop closes the connection.
func (c TraceClient) Stop(context.Context) error {
	c.Close()
	return nil
}

// UploadTraces sends spans. TracesData looks on the wire like the ExportTraceServiceRequest that the protocol names.
func (c TraceClient) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	if len(spans) == 0 {
		return nil
	}
	return c.Send(ctx, &tracepb.TracesData{ResourceSpans: spans})
}
