package otlp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/env"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/link"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/warn"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

// Signal is a kind of telemetry, as the names of its variables have it.
type Signal string

// The signals, and the path of each below a collector's base URL.
const (
	Traces  Signal = "TRACES"
	Metrics Signal = "METRICS"
	Logs    Signal = "LOGS"
)

func (s Signal) path() string { return "/v1/" + strings.ToLower(string(s)) }

// The values of OTEL_EXPORTER_OTLP_PROTOCOL that there are clients for.
const (
	Protobuf = "http/protobuf"
	GRPC     = "grpc"
)

// Sender sends records of one signal.
type Sender interface {
	// Send sends records, in several requests and attempts if need be, and tells how many were lost and why. It may bring the
	// records into another order. An error with nothing lost is what the collector has to say.
	Send(ctx context.Context, resource *wire.Resource, records []wire.Record) (lost int, err error)
	// Close closes the connection that is kept, if any; the next Send makes another one.
	Close()
}

// Protocols has the clients that are linked, by protocol. Packages otlphttp and otlpgrpc enter theirs.
var Protocols = map[string]func(Config) Sender{}

// New returns a sender for a signal as the environment has it. Without one, the error says why.
func New(signal Signal) (Sender, error) {
	c := ConfigFromEnv(signal)
	if make := Protocols[c.Protocol]; make != nil {
		return make(c), nil
	}
	return nil, link.Missing("OTEL_EXPORTER_OTLP_PROTOCOL="+c.Protocol, map[string]string{GRPC: "otlp_grpc", Protobuf: "otlp_http"}[c.Protocol])
}

// Config says where and how to export. ConfigFromEnv makes one from the standard variables.
type Config struct {
	Protocol string
	URL      *url.URL
	Headers  http.Header
	Gzip     bool
	Timeout  time.Duration // of an export with all its attempts
	TLS      *tls.Config
}

// ConfigFromEnv reads the OTEL_EXPORTER_OTLP_<SIGNAL>_* and OTEL_EXPORTER_OTLP_* variables.
// What cannot be used is told, and the configuration then has the default in its place.
func ConfigFromEnv(signal Signal) (c Config) {
	if c.Protocol = env.OneOf(signal.variable("PROTOCOL")); !env.Set(signal.variable("PROTOCOL")) && !env.Set("OTEL_EXPORTER_OTLP_PROTOCOL") &&
		Protocols[Protobuf] == nil && Protocols[GRPC] != nil {
		c.Protocol = GRPC // a program that has no other
	}
	c.URL = signal.endpoint(c.Protocol == GRPC)
	c.Timeout = env.Duration(signal.variable("TIMEOUT"))
	c.Gzip = env.OneOf(signal.variable("COMPRESSION")) == "gzip"
	c.Headers = signal.headers()
	if user := c.URL.User; user != nil {
		// The transport does not look at it. In the URL it would be in every error.
		c.URL.User = nil
		if c.Headers.Get("Authorization") == "" {
			password, _ := user.Password()
			c.Headers.Set("Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(user.Username()+":"+password)))
		}
	}
	c.TLS = signal.tlsConfig()
	return c
}

// variable is the name of a variable of the signal, which has its default from the general one.
func (s Signal) variable(name string) string { return "OTEL_EXPORTER_OTLP_" + string(s) + "_" + name }

// from is the variable that a setting comes from: that of the signal, or else the general one.
func (s Signal) from(name string) string {
	if own := s.variable(name); env.Set(own) {
		return own
	}
	return "OTEL_EXPORTER_OTLP_" + name
}

// env reads a variable of the signal, or else the general one.
func (s Signal) env(name string) string {
	if from := s.from(name); env.Set(from) {
		return env.Raw(from)
	}
	return ""
}

// Asked reports whether the environment names an endpoint; where it does not, a collector that is not there is nobody's fault.
func (s Signal) Asked() bool {
	return env.Given(s.variable("ENDPOINT")) || env.Given("OTEL_EXPORTER_OTLP_ENDPOINT")
}

// Failed says the first time that things of the signal were lost, if the environment names the endpoint. A nil err
// means that they came faster than they could be exported; without anything lost, err is what the collector has to say.
func (s Signal) Failed(err error, lost int, things string) {
	if !s.Asked() {
		return
	}
	switch {
	case err == nil:
		warn.Once("dropped "+string(s), fmt.Sprintf("%d %s dropped: they come faster than they can be exported (reported once)", lost, things))
	case lost == 0:
		warn.Once("said "+string(s), fmt.Sprintf("exporting %s: %v (reported once)", things, err))
	default:
		warn.Once("export "+string(s), fmt.Sprintf("cannot export %d %s: %v (reported once)", lost, things, err))
	}
}

// endpoint finds the URL to send to. Over HTTP the signal's own variable is used as it is, and the general one is a base;
// gRPC has paths of its own, and the scheme only says whether the connection is encrypted.
func (s Signal) endpoint(grpc bool) *url.URL {
	def, path, scheme := url.URL{Scheme: "http", Host: "localhost:4318", Path: s.path()}, s.path(), "http://"
	if grpc {
		def.Host, path, scheme = "localhost:4317", s.service(), "https://"
		def.Path = path
		if env.Bool(s.variable("INSECURE")) {
			scheme = "http://"
		}
	}
	for _, name := range []string{s.variable("ENDPOINT"), "OTEL_EXPORTER_OTLP_ENDPOINT"} {
		if !env.Set(name) {
			continue
		}
		text := env.Raw(name)
		if !strings.Contains(text, "://") {
			text = scheme + text
		}
		u, err := url.Parse(text)
		if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" || !port(u.Port()) {
			env.Refuse(name, "is not a URL with scheme http or https", "using its default")
			continue
		}
		u.Fragment = ""
		switch {
		case grpc:
			u.Path, u.RawPath, u.RawQuery = path, "", ""
		case name == "OTEL_EXPORTER_OTLP_ENDPOINT":
			if u.RawPath != "" {
				u.RawPath = strings.TrimSuffix(u.RawPath, "/") + path
			}
			u.Path = strings.TrimSuffix(u.Path, "/") + path
		case u.Path == "":
			u.Path = "/"
		}
		return u
	}
	return &def
}

// port reports whether a text is the number of a port, or nothing.
func port(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return text == "" || err == nil && n > 0
}

// service is the path of the signal's gRPC method.
func (s Signal) service() string {
	return "/opentelemetry.proto.collector." + map[Signal]string{
		Traces: "trace.v1.TraceService", Metrics: "metrics.v1.MetricsService", Logs: "logs.v1.LogsService",
	}[s] + "/Export"
}

// headers parses "name=value,name=value" with percent-encoded values.
func (s Signal) headers() http.Header {
	h, bad := http.Header{}, false
	for rest := s.env("HEADERS"); len(rest) > 0; {
		var pair string
		pair, rest, _ = strings.Cut(rest, ",")
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); !ok || err != nil || !headerName(name) || !headerValue(value) {
			bad = true
			continue
		}
		h.Set(name, value)
	}
	if bad {
		env.Refuse(s.from("HEADERS"), "is not a list of name=value pairs", "ignoring what cannot be read")
	}
	return h
}

// headerName reports whether a header may have this name: it is a token, in HTTP's words.
func headerName(name string) bool {
	for _, c := range []byte(name) {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return name != ""
}

// headerValue reports whether a header may have this value: no controls but tabs.
func headerValue(value string) bool {
	for _, c := range []byte(value) {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// tlsConfig reads the certificate files, if any are named.
func (s Signal) tlsConfig() *tls.Config {
	ca, cert, key := s.env("CERTIFICATE"), s.env("CLIENT_CERTIFICATE"), s.env("CLIENT_KEY")
	if ca == "" && cert == "" && key == "" {
		return nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != "" {
		pem, err := os.ReadFile(ca)
		pool := x509.NewCertPool()
		if err == nil && !pool.AppendCertsFromPEM(pem) {
			err = errors.New("it has no certificate")
		}
		if err != nil {
			env.Refuse(s.from("CERTIFICATE"), "cannot be used: "+err.Error(), "ignoring it")
		} else {
			c.RootCAs = pool
		}
	}
	if cert != "" || key != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			from := s.from("CLIENT_CERTIFICATE")
			if cert == "" {
				from = s.from("CLIENT_KEY")
			}
			env.Refuse(from, "cannot be used: "+err.Error(), "ignoring it")
		} else {
			c.Certificates = []tls.Certificate{pair}
		}
	}
	return c
}
