package main

import (
	"compress/gzip"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

const protobuf = "application/x-protobuf"

// A receiver takes what programs export by OTLP over HTTP and keeps the spans.
type receiver struct {
	server   *http.Server
	endpoint string

	mutex sync.Mutex
	spans []Span
}

// newReceiver listens on a free port of the loopback interface.
func newReceiver() (*receiver, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	r := &receiver{endpoint: "http://" + listener.Addr().String()}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/traces", r.traces)
	// Accepted, so that exporters do not retry, and not kept.
	mux.HandleFunc("POST /v1/metrics", accept)
	mux.HandleFunc("POST /v1/logs", accept)
	r.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = r.server.Serve(listener) }()
	return r, nil
}

func (r *receiver) close() { _ = r.server.Close() }

// take returns the spans so far and forgets them.
func (r *receiver) take() []Span {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	spans := slices.Clone(r.spans)
	r.spans = nil
	sortSpans(spans)
	return spans
}

func (r *receiver) traces(w http.ResponseWriter, request *http.Request) {
	body, err := bodyOf(w, request)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	// The request has the wire format of TracesData, whose package does not need gRPC.
	var data tracepb.TracesData
	if err := proto.Unmarshal(body, &data); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	spans := spansOf(&data)
	r.mutex.Lock()
	r.spans = append(r.spans, spans...)
	r.mutex.Unlock()
	w.Header().Set("Content-Type", protobuf)
}

func accept(w http.ResponseWriter, request *http.Request) {
	_, _ = io.Copy(io.Discard, request.Body)
	w.Header().Set("Content-Type", protobuf)
}

func bodyOf(w http.ResponseWriter, request *http.Request) ([]byte, error) {
	if kind, _, _ := mime.ParseMediaType(request.Header.Get("Content-Type")); kind != protobuf {
		return nil, fmt.Errorf("content type %q is not supported; set OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", kind)
	}
	var body io.Reader = http.MaxBytesReader(w, request.Body, 64<<20)
	switch encoding := request.Header.Get("Content-Encoding"); encoding {
	case "", "identity":
	case "gzip":
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		body = unpacked
	default:
		return nil, fmt.Errorf("content encoding %s is not supported", encoding)
	}
	return io.ReadAll(body)
}
