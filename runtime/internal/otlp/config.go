package otlp

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

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

// New returns a sender for a signal as the environment has it. Without one, the error says why; with one, what of the settings
// is not obeyed.
func New(signal Signal) (Sender, error) {
	c, err := ConfigFromEnv(signal)
	if make := Protocols[c.Protocol]; make != nil {
		return make(c), err
	}
	switch c.Protocol {
	case GRPC, Protobuf:
		return nil, link.Missing("OTEL_EXPORTER_OTLP_PROTOCOL="+c.Protocol, map[string]string{GRPC: "otlp_grpc", Protobuf: "otlp_http"}[c.Protocol])
	}
	return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL %q is not one of %s, %s; exporting nothing", c.Protocol, Protobuf, GRPC)
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
// The first unusable value is the error; the configuration then has the default in its place.
func ConfigFromEnv(signal Signal) (c Config, err error) {
	fault := func(format string, args ...any) {
		if err == nil {
			err = fmt.Errorf(format, args...)
		}
	}
	if c.Protocol = strings.ToLower(signal.env("PROTOCOL")); c.Protocol == "" {
		c.Protocol = Protobuf
		if Protocols[Protobuf] == nil && Protocols[GRPC] != nil {
			c.Protocol = GRPC // a program that has no other
		}
	}
	var urlErr error
	if c.URL, urlErr = signal.endpoint(c.Protocol == GRPC); urlErr != nil {
		fault("%w", urlErr)
	}
	c.Timeout = 10 * time.Second
	if s := signal.env("TIMEOUT"); s != "" {
		if ms, err := strconv.Atoi(s); err == nil && ms > 0 {
			c.Timeout = time.Duration(ms) * time.Millisecond
		} else {
			fault("OTEL_EXPORTER_OTLP_TIMEOUT %q is not a number of milliseconds; using %s", s, c.Timeout)
		}
	}
	switch s := strings.ToLower(signal.env("COMPRESSION")); s {
	case "", "none":
	case "gzip":
		c.Gzip = true
	default:
		fault("OTEL_EXPORTER_OTLP_COMPRESSION %q is neither gzip nor none; using none", s)
	}
	var headersErr error
	if c.Headers, headersErr = headers(signal.env("HEADERS")); headersErr != nil {
		fault("%w", headersErr)
	}
	var tlsErr error
	if c.TLS, tlsErr = signal.tlsConfig(); tlsErr != nil {
		fault("%w", tlsErr)
	}
	return c, err
}

// env reads a variable of the signal, or else the general one.
func (s Signal) env(name string) string {
	if v := strings.TrimSpace(os.Getenv("OTEL_EXPORTER_OTLP_" + string(s) + "_" + name)); v != "" {
		return v
	}
	return strings.TrimSpace(os.Getenv("OTEL_EXPORTER_OTLP_" + name))
}

// Asked tells whether the environment names an endpoint; where it does not, a collector that is not there is nobody's fault.
func (s Signal) Asked() bool { return s.env("ENDPOINT") != "" }

// Failed counts things of the signal that were lost, and says so the first time, if the environment names the endpoint. A nil err
// means that they came faster than they could be exported; without anything lost, err is what the collector has to say.
func (s Signal) Failed(err error, lost int, things string) {
	counter := losses[s]
	counter.Add(uint64(lost))
	if !s.Asked() {
		return
	}
	switch {
	case err == nil:
		warn.Once("dropped "+string(s), fmt.Sprintf("%d %s dropped: they come faster than they can be exported; saying so once", lost, things))
	case lost == 0:
		warn.Once("said "+string(s), fmt.Sprintf("exporting %s: %v; saying so once", things, err))
	default:
		warn.Once("export "+string(s), fmt.Sprintf("cannot export %d %s: %v; saying so once", lost, things, err))
	}
}

// Lost is how many things of the signal were lost so far.
func (s Signal) Lost() uint64 { return losses[s].Load() }

var losses = map[Signal]*atomic.Uint64{Traces: new(atomic.Uint64), Metrics: new(atomic.Uint64), Logs: new(atomic.Uint64)}

// endpoint finds the URL to send to. Over HTTP the signal's own variable is used as it is, and the general one is a base;
// gRPC has paths of its own, and the scheme only says whether the connection is encrypted.
func (s Signal) endpoint(grpc bool) (*url.URL, error) {
	fallback, path, scheme := "http://localhost:4318", s.path(), "http://"
	if grpc {
		fallback, path, scheme = "http://localhost:4317", s.service(), "https://"
		if strings.EqualFold(s.env("INSECURE"), "true") {
			scheme = "http://"
		}
	}
	own := strings.TrimSpace(os.Getenv("OTEL_EXPORTER_OTLP_" + string(s) + "_ENDPOINT"))
	given := s.env("ENDPOINT")
	def, err := url.Parse(fallback + path)
	if err != nil || given == "" {
		return def, err
	}
	text := given
	if !strings.Contains(text, "://") {
		text = scheme + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return def, fmt.Errorf("OTLP endpoint %q is not a URL with scheme http or https; using %s", given, def)
	}
	switch {
	case grpc:
		u.Path = path
	case own == "":
		u.Path = strings.TrimSuffix(u.Path, "/") + path
	case u.Path == "":
		u.Path = "/"
	}
	return u, nil
}

// service is the path of the signal's gRPC method.
func (s Signal) service() string {
	return "/opentelemetry.proto.collector." + map[Signal]string{
		Traces: "trace.v1.TraceService", Metrics: "metrics.v1.MetricsService", Logs: "logs.v1.LogsService",
	}[s] + "/Export"
}

// headers parses "name=value,name=value" with percent-encoded values.
func headers(s string) (http.Header, error) {
	h := http.Header{}
	for _, pair := range strings.Split(s, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		name, value, ok := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if name = strings.TrimSpace(name); !ok || name == "" || err != nil {
			return h, errors.New("OTEL_EXPORTER_OTLP_HEADERS is not a list of name=value pairs; ignoring what cannot be read")
		}
		h.Set(name, value)
	}
	return h, nil
}

// tlsConfig reads the certificate files, if any are named.
func (s Signal) tlsConfig() (*tls.Config, error) {
	ca, cert, key := s.env("CERTIFICATE"), s.env("CLIENT_CERTIFICATE"), s.env("CLIENT_KEY")
	if ca == "" && cert == "" && key == "" {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if ca != "" {
		pem, err := os.ReadFile(ca)
		if err != nil {
			return nil, err
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate", ca)
		}
	}
	if cert != "" || key != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			return nil, err
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}
