package otlp

import (
	"compress/gzip"
	"context"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/warn"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

func init() { Protocols[Protobuf] = func(c Config) Sender { return NewClient(c) } }

// spanExporter exports spans by a client.
type spanExporter struct{ Sender }

func (e spanExporter) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	_, err := e.Send(ctx, wire.NewResource(resource.Empty()), records(spans))
	return err
}

// records are spans as they are sent.
func records(spans []sdktrace.ReadOnlySpan) (all []wire.Record) {
	var scopes wire.Scopes
	for _, s := range spans {
		told := wire.OfSDK(s, &scopes)
		all = append(all, wire.NewRecord(told.Scope, wire.AppendSpan(nil, told, wire.DefaultLimits)))
	}
	return all
}

// exporter is configured for url by the environment.
func exporter(t *testing.T, url string, env ...string) spanExporter {
	t.Helper()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
	for i := 0; i < len(env); i += 2 {
		t.Setenv("OTEL_EXPORTER_OTLP_"+env[i], env[i+1])
	}
	config := ConfigFromEnv(Traces)
	client := NewClient(config)
	t.Cleanup(client.Close)
	return spanExporter{client}
}

// spans are what is exported: one of a name.
func spans(name string) []sdktrace.ReadOnlySpan {
	return tracetest.SpanStubs{{Name: name, Attributes: []attribute.KeyValue{attribute.Int64("answer", 42)}}}.Snapshots()
}

// received reads the body of a request.
func received(t *testing.T, r *http.Request) (names []string) {
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		var err error
		if body, err = gzip.NewReader(r.Body); err != nil {
			t.Error(err)
			return nil
		}
	}
	b, err := io.ReadAll(body)
	if err != nil {
		t.Error(err)
	}
	var in tracepb.TracesData
	if err := proto.Unmarshal(b, &in); err != nil {
		t.Error(err)
	}
	for _, r := range in.ResourceSpans {
		for _, s := range r.ScopeSpans {
			for _, span := range s.Spans {
				names = append(names, span.Name)
				if len(span.Attributes) != 1 || span.Attributes[0].Value.GetIntValue() != 42 {
					t.Errorf("attributes %v", span.Attributes)
				}
			}
		}
	}
	return names
}

func TestRequest(t *testing.T) {
	for name, env := range map[string][]string{
		"plain":          nil,
		"gzip":           {"COMPRESSION", "gzip"},
		"traces headers": {"TRACES_HEADERS", "x-token=a%20b", "HEADERS", "x-token=other"},
		"traces path":    {"TRACES_ENDPOINT", "/in/place"},
	} {
		t.Run(name, func(t *testing.T) {
			var got atomic.Pointer[http.Request]
			var names []string
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				names = append(names, received(t, r)...)
				got.Store(r)
			}))
			defer s.Close()
			for i, e := range env {
				if strings.HasPrefix(e, "/") {
					env[i] = s.URL + e
				}
			}
			if err := exporter(t, s.URL+"/base/", env...).ExportSpans(context.Background(), spans("one")); err != nil {
				t.Fatal(err)
			}
			r := got.Load()
			path, encoding, token := "/base/v1/traces", "", ""
			switch name {
			case "gzip":
				encoding = "gzip"
			case "traces headers":
				token = "a b"
			case "traces path":
				path = "/in/place"
			}
			if r.Method != "POST" || r.URL.Path != path || r.Header.Get("Content-Encoding") != encoding || r.Header.Get("X-Token") != token ||
				r.Header.Get("Content-Type") != "application/x-protobuf" || r.Header.Get("User-Agent") != UserAgent {
				t.Errorf("%s %s %v", r.Method, r.URL, r.Header)
			}
			if len(names) != 1 || names[0] != "one" {
				t.Errorf("spans %q", names)
			}
		})
	}
}

func TestRetry(t *testing.T) {
	for _, c := range []struct {
		name     string
		status   int
		after    string
		attempts int32
		ok       bool
	}{
		{"too many, come again", 429, "1", 2, true},
		{"unavailable", 503, "", 2, true},
		{"unavailable until yesterday", 503, "Mon, 02 Jan 2006 15:04:05 GMT", 2, true},
		{"unavailable for longer than the timeout", 503, "3600", 1, false},
		{"bad request", 400, "", 1, false},
		{"redirected", 307, "", 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			var attempts atomic.Int32
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if names := received(t, r); len(names) != 1 {
					t.Errorf("spans %q", names)
				}
				if attempts.Add(1) == 1 {
					if c.after != "" {
						w.Header().Set("Retry-After", c.after)
					}
					w.Header().Set("Location", "/elsewhere")
					w.WriteHeader(c.status)
				}
			}))
			defer s.Close()
			err := exporter(t, s.URL).ExportSpans(context.Background(), spans("one"))
			if (err == nil) != c.ok || attempts.Load() != c.attempts {
				t.Errorf("%d attempts, %v", attempts.Load(), err)
			}
		})
	}
}

// TestHostile has collectors that would keep the exporter busy for ever or fill its memory. That the test ends is the check.
func TestHostile(t *testing.T) {
	var done chan struct{}
	for name, handler := range map[string]http.HandlerFunc{
		"silent": func(w http.ResponseWriter, r *http.Request) { <-done },
		"silent after the header": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			w.(http.Flusher).Flush()
			<-done
		},
		"never available": func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(503) },
		"endless headers": func(w http.ResponseWriter, r *http.Request) {
			for range 2 * maxAnswer / 1000 {
				w.Header().Add("X-Noise", strings.Repeat("x", 1000))
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			done = make(chan struct{})
			s := httptest.NewServer(handler)
			defer s.Close()
			defer close(done)
			if err := exporter(t, s.URL, "TIMEOUT", "300").ExportSpans(context.Background(), spans("one")); err == nil {
				t.Error("no error")
			}
		})
	}
	t.Run("endless body", func(t *testing.T) {
		var sent atomic.Int64
		gone := make(chan struct{})
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer close(gone)
			for noise := make([]byte, 4096); ; {
				n, err := w.Write(noise)
				sent.Add(int64(n))
				if err != nil {
					return
				}
			}
		}))
		defer s.Close()
		if err := exporter(t, s.URL).ExportSpans(context.Background(), spans("one")); err != nil {
			t.Error(err) // the status says that the spans are taken
		}
		<-gone // the exporter closed the connection
	})
	t.Run("context", func(t *testing.T) {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(503) }))
		defer s.Close()
		ctx, cancel := context.WithTimeout(context.Background(), time.Nanosecond)
		defer cancel()
		if err := exporter(t, s.URL).ExportSpans(ctx, spans("one")); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

func TestPartial(t *testing.T) {
	inner := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), 3)
	inner = protowire.AppendString(protowire.AppendTag(inner, 2, protowire.BytesType), "too old")
	answer := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), inner)
	for name, c := range map[string]struct {
		answer []byte
		want   string
	}{
		"refused":  {answer, "the collector refused 3 items: too old"},
		"empty":    {nil, ""},
		"warning":  {protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), inner[2:]), "the collector accepted it with a warning: too old"},
		"nonsense": {[]byte("<html>"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(c.answer) }))
			defer s.Close()
			err := exporter(t, s.URL).ExportSpans(context.Background(), spans("one"))
			if (err == nil) != (c.want == "") || err != nil && !strings.HasSuffix(err.Error(), c.want) {
				t.Error(err)
			}
		})
	}
}

// certificate returns a file with the server's certificate.
func certificate(t *testing.T, s *httptest.Server) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o666); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestTLS(t *testing.T) {
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	s.Config.ErrorLog = nil
	defer s.Close()
	file := certificate(t, s)
	if err := exporter(t, s.URL).ExportSpans(context.Background(), spans("one")); err == nil {
		t.Error("an unknown certificate is trusted")
	}
	if err := exporter(t, s.URL, "CERTIFICATE", file).ExportSpans(context.Background(), spans("one")); err != nil {
		t.Error(err)
	}
}

func TestConfig(t *testing.T) {
	for _, c := range []struct{ variable, value, fault string }{
		{"PROTOCOL", "http/json", "is not one of http/protobuf, grpc; using http/protobuf"},
		{"PROTOCOL", "http/protobuf", ""},
		{"PROTOCOL", "  ", ""},
		{"ENDPOINT", "unix:///socket", "not a URL"},
		{"ENDPOINT", "http://user:tops3cret@host:port", "not a URL"},
		{"ENDPOINT", "http://user:tops3cret@host:99999", "not a URL"},
		{"ENDPOINT", "user:tops3cret@", "not a URL"},
		{"ENDPOINT", "http://user:tops3cret@[::1", "not a URL"},
		{"ENDPOINT", "collector:4318", ""},
		{"TIMEOUT", "soon", "is not a whole number of milliseconds from 1 to 86400000; using 10000"},
		{"TIMEOUT", "9223372036854775807", "milliseconds"},
		{"TIMEOUT", "-1", "milliseconds"},
		{"TRACES_TIMEOUT", "0", "using what OTEL_EXPORTER_OTLP_TIMEOUT says"},
		{"COMPRESSION", "zstd", "is not one of none, gzip; using none"},
		{"HEADERS", "authorization=tops3cret,novalue", "name=value"},
		{"HEADERS", "a b=tops3cret", "name=value"},
		{"HEADERS", "a=tops3cret%0d%0aB: c", "name=value"},
		{"CERTIFICATE", "/nowhere", "no such file"},
		{"CLIENT_KEY", "/nowhere", "cannot be used"},
		{"INSECURE", "yes", "is not true or false; using false"},
	} {
		t.Run(c.variable+" "+c.value, func(t *testing.T) {
			t.Setenv("OTEL_EXPORTER_OTLP_"+c.variable, c.value)
			if c.variable == "INSECURE" {
				t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
			}
			restore := warn.Capture()
			for _, signal := range []Signal{Traces, Metrics, Logs} {
				config := ConfigFromEnv(signal)
				if config.URL == nil || config.URL.Host == "" || config.Timeout <= 0 || config.Headers == nil || config.Protocol == "" {
					t.Errorf("unusable: %+v", config)
				}
			}
			Traces.Failed(errors.New("not there"), 1, "spans") // of the default endpoint, which nobody asked for
			lines := restore()
			if c.variable == "ENDPOINT" && c.fault == "" && len(lines) == 1 {
				lines = nil // that it is not there
			}
			if c.fault == "" && len(lines) > 0 || c.fault != "" && (len(lines) != 1 || !strings.Contains(lines[0], c.fault) || !strings.Contains(lines[0], "OTEL_EXPORTER_OTLP_"+c.variable)) {
				t.Errorf("%q", lines)
			}
			if strings.Contains(strings.Join(lines, ""), "tops3cret") {
				t.Errorf("%q shows a password", lines)
			}
		})
	}
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
	if sender, err := New(Traces); sender != nil || err == nil || !strings.Contains(err.Error(), "exporters=otlp_http,otlp_grpc") {
		t.Errorf("%v, %v", sender, err)
	}
}

// TestPassword has a name and a password in the endpoint: they authenticate, by both protocols, and are in no error.
func TestPassword(t *testing.T) {
	got := make(chan string, 10)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		got <- user + " " + password
		w.WriteHeader(http.StatusUnauthorized)
	}))
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Config.Protocols.SetHTTP1(true)
	s.Start()
	defer s.Close()
	at := strings.Replace(s.URL, "://", "://me:p%40ss%2Fw@", 1)
	dead := strings.Replace(at, s.URL[strings.LastIndex(s.URL, ":"):], ":1", 1)
	for _, url := range []string{at, dead} {
		for _, export := range []func() error{
			func() error { return exporter(t, url).ExportSpans(context.Background(), spans("one")) },
			func() error { return call(t, url) },
		} {
			err := export()
			if err == nil || strings.Contains(err.Error(), "p%40ss") || strings.Contains(err.Error(), "p@ss") {
				t.Errorf("%v", err)
			}
			if url == at {
				if len(got) != 1 {
					t.Fatalf("%d requests: %v", len(got), err)
				}
				if is := <-got; is != "me p@ss/w" {
					t.Errorf("authenticated as %q", is)
				}
			}
		}
	}
	t.Setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20x")
	if c := ConfigFromEnv(Traces); c.Headers.Get("Authorization") != "Bearer x" {
		t.Errorf("%q", c.Headers)
	}
}

// TestLinked keeps grpc and its kin, and protobuf's reflection and the messages that need it, out of what every woven program links.
func TestLinked(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", "github.com/rules-go-weave/rules_go_weave/runtime/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range strings.Fields(string(out)) {
		for _, unwanted := range []string{"google.golang.org/grpc", "google.golang.org/genproto", "github.com/grpc-ecosystem", "go.opentelemetry.io/proto", "google.golang.org/protobuf/proto", "google.golang.org/protobuf/reflect"} {
			if strings.HasPrefix(pkg, unwanted) {
				t.Errorf("%s is linked", pkg)
			}
		}
	}
	if !strings.Contains(string(out), "google.golang.org/protobuf/encoding/protowire\n") {
		t.Error("the control is missing")
	}
}
