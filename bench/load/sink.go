package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"

	"github.com/vmihailenco/msgpack/v5"
	"google.golang.org/protobuf/encoding/protowire"
)

// sink receives telemetry, OTLP by HTTP and the traces of Orchestrion's tracer, and counts spans.
type sink struct {
	*httptest.Server
	spans atomic.Int64
}

func newSink() *sink {
	s := new(sink)
	s.Server = httptest.NewServer(s)
	return s
}

// ServeHTTP counts what is posted. Whatever it cannot read has no spans.
func (s *sink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body := io.Reader(r.Body)
	if r.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = z
	}
	text, err := io.ReadAll(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	switch {
	case r.URL.Path == "/v1/traces":
		s.spans.Add(otlpSpans(text))
	case strings.HasSuffix(r.URL.Path, "/traces"):
		s.spans.Add(datadogSpans(text))
		io.WriteString(w, "{}")
	}
}

// otlpSpans counts the spans of an ExportTraceServiceRequest: resource_spans (1), scope_spans (2), spans (2).
func otlpSpans(request []byte) (n int64) {
	each(request, 1, func(resource []byte) {
		each(resource, 2, func(scope []byte) {
			each(scope, 2, func([]byte) { n++ })
		})
	})
	return n
}

// each calls f for each field of a message that has this number and is length-delimited.
func each(message []byte, number protowire.Number, f func([]byte)) {
	for len(message) > 0 {
		field, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return
		}
		message = message[n:]
		if n = protowire.ConsumeFieldValue(field, kind, message); n < 0 {
			return
		}
		if field == number && kind == protowire.BytesType {
			value, _ := protowire.ConsumeBytes(message)
			f(value)
		}
		message = message[n:]
	}
}

// datadogSpans counts the spans of a list of traces, each a list of spans.
func datadogSpans(text []byte) (n int64) {
	d := msgpack.NewDecoder(bytes.NewReader(text))
	traces, err := d.DecodeArrayLen()
	for ; err == nil && traces > 0; traces-- {
		var spans int
		if spans, err = d.DecodeArrayLen(); err == nil {
			n += int64(max(spans, 0))
		}
		for ; err == nil && spans > 0; spans-- {
			err = d.Skip()
		}
	}
	return n
}
