package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	resourcepb "go.opentelemetry.io/proto/otlp/resource/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

func pair(key, value string) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: key, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: value}}}
}

func number(key string, value int64) *commonpb.KeyValue {
	return &commonpb.KeyValue{Key: key, Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: value}}}
}

// exported is what one service sends: spans given as id, parent id, kind, name, and start and end in milliseconds.
func exported(service string, spans ...*tracepb.Span) *tracepb.ResourceSpans {
	return &tracepb.ResourceSpans{
		Resource:   &resourcepb.Resource{Attributes: []*commonpb.KeyValue{pair("service.name", service)}},
		ScopeSpans: []*tracepb.ScopeSpans{{Scope: &commonpb.InstrumentationScope{Name: "net/http"}, Spans: spans}},
	}
}

func span(id, parent byte, kind tracepb.Span_SpanKind, name string, start, end uint64, attributes ...*commonpb.KeyValue) *tracepb.Span {
	const base = 1_700_000_000_000
	one := &tracepb.Span{
		TraceId: bytes.Repeat([]byte{7}, 16), SpanId: bytes.Repeat([]byte{id}, 8), Kind: kind, Name: name,
		StartTimeUnixNano: (base + start) * 1e6, EndTimeUnixNano: (base + end) * 1e6, Attributes: attributes,
	}
	if parent != 0 {
		one.ParentSpanId = bytes.Repeat([]byte{parent}, 8)
	}
	return one
}

func example() *tracepb.TracesData {
	failed := span(4, 3, tracepb.Span_SPAN_KIND_CLIENT, "SELECT items", 12, 18, pair("db.query.text", "SELECT stock\n  FROM items WHERE sku = ?"))
	failed.Status = &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR, Message: "no rows <here>"}
	failed.Events = []*tracepb.Span_Event{{Name: "exception", TimeUnixNano: failed.EndTimeUnixNano}}
	return &tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{
		exported("inventory", failed, span(3, 2, tracepb.Span_SPAN_KIND_SERVER, "GET /items/{sku}", 10, 20, number("http.response.status_code", 500))),
		exported("storefront", span(2, 1, tracepb.Span_SPAN_KIND_CLIENT, "GET", 5, 25), span(1, 0, tracepb.Span_SPAN_KIND_SERVER, "POST /orders", 0, 30)),
	}}
}

func TestReceiverKeepsSpans(t *testing.T) {
	r, err := newReceiver()
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	body, err := proto.Marshal(example())
	if err != nil {
		t.Fatal(err)
	}
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, _ = writer.Write(body)
	_ = writer.Close()

	for _, c := range []struct {
		name, path, kind, encoding string
		body                       []byte
		status, spans              int
	}{
		{"protobuf", "/v1/traces", "application/x-protobuf", "", body, 200, 4},
		{"gzip", "/v1/traces", "application/x-protobuf", "gzip", packed.Bytes(), 200, 4},
		{"metrics", "/v1/metrics", "application/x-protobuf", "", nil, 200, 0},
		{"garbage", "/v1/traces", "application/x-protobuf", "", []byte("no protobuf"), 400, 0},
		{"json", "/v1/traces", "application/json", "", []byte("{}"), 400, 0},
		{"unknown encoding", "/v1/traces", "application/x-protobuf", "br", body, 400, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			request, err := http.NewRequest("POST", r.endpoint+c.path, bytes.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", c.kind)
			request.Header.Set("Content-Encoding", c.encoding)
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if got := len(r.take()); response.StatusCode != c.status || got != c.spans {
				t.Errorf("status %d, %d spans; want %d, %d", response.StatusCode, got, c.status, c.spans)
			}
		})
	}
}

func TestSpanAsJSON(t *testing.T) {
	spans := spansOf(example())
	sortSpans(spans)
	text, err := json.Marshal(spans[3])
	if err != nil {
		t.Fatal(err)
	}
	want := `{"name":"SELECT items","kind":"client","service":"inventory","trace_id":"07070707070707070707070707070707",` +
		`"span_id":"0404040404040404","parent_id":"0303030303030303","status":"error","status_message":"no rows \u003chere\u003e",` +
		`"start":"2023-11-14T22:13:20.012Z","end":"2023-11-14T22:13:20.018Z","duration_ms":6,` +
		`"attributes":{"db.query.text":"SELECT stock\n  FROM items WHERE sku = ?"},` +
		`"events":[{"name":"exception","time":"2023-11-14T22:13:20.018Z","attributes":{}}],"scope":"net/http","resource":{"service.name":"inventory"}}`
	if string(text) != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

func TestTree(t *testing.T) {
	var got strings.Builder
	for _, trace := range tracesOf(spansOf(example())) {
		writeTree(&got, trace, styleFor(false))
	}
	startUp := &tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{exported("inventory", span(9, 0, tracepb.Span_SPAN_KIND_CLIENT, "PING", 0, 1))}}
	writeSingles(&got, tracesOf(spansOf(startUp)))
	compare(t, "testdata/tree.golden", got.String())
}

func TestSpanWithoutItsParentIsARoot(t *testing.T) {
	data := &tracepb.TracesData{ResourceSpans: []*tracepb.ResourceSpans{exported("inventory", span(3, 2, tracepb.Span_SPAN_KIND_SERVER, "GET", 0, 1))}}
	traces := tracesOf(spansOf(data))
	if len(traces) != 1 || len(traces[0].Roots) != 1 {
		t.Fatalf("got %+v", traces)
	}
}

func TestWaterfall(t *testing.T) {
	var page bytes.Buffer
	if err := writeWaterfall(&page, tracesOf(spansOf(example())), "A <test>."); err != nil {
		t.Fatal(err)
	}
	text := page.String()
	for _, want := range []string{
		"storefront: POST /orders", "A &lt;test&gt;.", "no rows &lt;here&gt;", `left:33.333%;width:33.333%`, "<dt>db.query.text</dt>",
		"prefers-color-scheme: dark", "GET /items/{sku}",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the page", want)
		}
	}
	for _, unwanted := range []string{"http://", "https://", "ZgotmplZ"} {
		if strings.Contains(text, unwanted) {
			t.Errorf("%q in the page", unwanted)
		}
	}
}

func TestShort(t *testing.T) {
	for d, want := range map[time.Duration]string{1500 * time.Millisecond: "1.50 s", 1500 * time.Microsecond: "1.50 ms", 15 * time.Microsecond: "15 µs"} {
		if got := short(d); got != want {
			t.Errorf("%d: got %s, want %s", d, got, want)
		}
	}
}

// compare checks a text against a golden file; UPDATE_GOLDEN=1 writes the file.
func compare(t *testing.T, file, got string) {
	t.Helper()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; UPDATE_GOLDEN=1 go test . writes it\ngot:\n%s\nwant:\n%s", file, got, want)
	}
}
