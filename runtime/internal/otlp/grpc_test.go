package otlp

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/binary"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
)

// called is a call that a server got.
type called struct {
	path   string
	header http.Header
	names  []string
}

// service is a gRPC server for one method. It answers with these trailers, one set after another, the last for ever.
func service(t *testing.T, encrypted bool, trailers ...map[string]string) (*httptest.Server, func() []called) {
	var mu sync.Mutex
	var calls []called
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		body, err := io.ReadAll(r.Body)
		if err != nil || len(body) < 5 || int(binary.BigEndian.Uint32(body[1:])) != len(body)-5 {
			t.Errorf("body %x, %v", body, err)
			return
		}
		message := body[5:]
		if body[0] == 1 {
			z, err := gzip.NewReader(bytes.NewReader(message))
			if err != nil {
				t.Error(err)
				return
			}
			if message, err = io.ReadAll(z); err != nil {
				t.Error(err)
			}
		}
		plain := r.Clone(r.Context())
		plain.Header.Del("Content-Encoding")
		plain.Body = io.NopCloser(bytes.NewReader(message))
		calls = append(calls, called{r.URL.Path, r.Header, received(t, plain)})
		trailer := trailers[min(len(calls), len(trailers))-1]
		w.Header().Set("Content-Type", "application/grpc")
		if trailer["only"] == "" {
			for k := range trailer {
				w.Header().Add("Trailer", k)
			}
			w.Write(append([]byte{0, 0, 0, 0, byte(len(trailer["message"]))}, trailer["message"]...))
		}
		for k, v := range trailer {
			w.Header().Set(k, v)
		}
	}))
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	protocols.SetHTTP2(true)
	s.Config.Protocols = protocols
	if encrypted {
		s.EnableHTTP2 = true
		s.StartTLS()
	} else {
		s.Start()
	}
	t.Cleanup(s.Close)
	return s, func() []called {
		mu.Lock()
		defer mu.Unlock()
		return calls
	}
}

// call exports a span by gRPC.
func call(t *testing.T, url string, env ...string) error {
	t.Helper()
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
	for i := 0; i < len(env); i += 2 {
		t.Setenv("OTEL_EXPORTER_OTLP_"+env[i], env[i+1])
	}
	config := ConfigFromEnv(Traces)
	c := NewGRPCClient(config)
	defer c.Close()
	return spanExporter{c}.ExportSpans(context.Background(), spans("one"))
}

var fine = map[string]string{"Grpc-Status": "0"}

func TestCall(t *testing.T) {
	for name, env := range map[string][]string{
		"plain":     nil,
		"gzip":      {"COMPRESSION", "gzip"},
		"metadata":  {"HEADERS", "x-token=a%20b"},
		"no scheme": {"INSECURE", "true"},
	} {
		t.Run(name, func(t *testing.T) {
			s, calls := service(t, false, fine)
			url := s.URL + "/ignored"
			if name == "no scheme" {
				url = strings.TrimPrefix(s.URL, "http://")
			}
			if err := call(t, url, env...); err != nil {
				t.Fatal(err)
			}
			all := calls()
			if len(all) != 1 || len(all[0].names) != 1 || all[0].names[0] != "one" {
				t.Fatalf("calls %v", all)
			}
			c := all[0]
			want := map[string]string{"Content-Type": "application/grpc", "Te": "trailers", "Grpc-Timeout": "10000m", "User-Agent": UserAgent,
				"X-Token": map[string]string{"metadata": "a b"}[name], "Grpc-Encoding": map[string]string{"gzip": "gzip"}[name]}
			for k, v := range want {
				if c.header.Get(k) != v {
					t.Errorf("%s: %q", k, c.header.Get(k))
				}
			}
			if c.path != "/opentelemetry.proto.collector.trace.v1.TraceService/Export" {
				t.Error(c.path)
			}
		})
	}
}

func TestCallEncrypted(t *testing.T) {
	s, calls := service(t, true, fine)
	if err := call(t, s.URL); err == nil || len(calls()) != 0 {
		t.Errorf("an unknown certificate is trusted: %v", err)
	}
	if err := call(t, s.URL, "CERTIFICATE", certificate(t, s)); err != nil {
		t.Error(err)
	}
	if err := call(t, strings.TrimPrefix(s.URL, "https://"), "CERTIFICATE", certificate(t, s)); err != nil {
		t.Errorf("encrypted without a scheme: %v", err)
	}
}

// details is a status with a RetryInfo of some nanoseconds.
func details(nanos uint64) string {
	field := func(number protowire.Number, b []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), b)
	}
	duration := protowire.AppendVarint(protowire.AppendTag(nil, 2, protowire.VarintType), nanos)
	any := append(field(1, []byte("type.googleapis.com/google.rpc.RetryInfo")), field(2, field(1, duration))...)
	return base64.RawStdEncoding.EncodeToString(field(3, any))
}

func TestCallErrors(t *testing.T) {
	partly := string([]byte{10, 7, 8, 3, 18, 3, 't', 'o', 'o'})
	for name, c := range map[string]struct {
		answers []map[string]string
		calls   int
		fault   string
	}{
		"unavailable, then fine":          {[]map[string]string{{"Grpc-Status": "14"}, fine}, 2, ""},
		"in place of an answer":           {[]map[string]string{{"Grpc-Status": "3", "Grpc-Message": "not%20so", "only": "1"}}, 1, "status 3: not so"},
		"unknown method":                  {[]map[string]string{{"Grpc-Status": "12"}}, 1, "status 12"},
		"exhausted":                       {[]map[string]string{{"Grpc-Status": "8"}, fine}, 1, "status 8"},
		"exhausted, with a time to retry": {[]map[string]string{{"Grpc-Status": "8", "Grpc-Status-Details-Bin": details(1e6)}, fine}, 2, ""},
		"refused in part":                 {[]map[string]string{{"Grpc-Status": "0", "message": partly}}, 1, "refused 3 items: too"},
		"without a status":                {[]map[string]string{{"X": "1"}}, 1, "without a gRPC status"},
	} {
		t.Run(name, func(t *testing.T) {
			s, calls := service(t, false, c.answers...)
			err := call(t, s.URL)
			if (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) {
				t.Error(err)
			}
			if n := len(calls()); n != c.calls {
				t.Errorf("%d calls", n)
			}
			if Unsupported(err) != (name == "unknown method") {
				t.Error("unsupported")
			}
		})
	}
	s := httptest.NewServer(http.NotFoundHandler())
	defer s.Close()
	if err := call(t, s.URL); err == nil {
		t.Error("a server without HTTP/2 answers")
	}
}
