package otlp

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// Signal is a kind of telemetry, as the names of its variables have it.
type Signal string

// The signals, and the path of each below a collector's base URL.
const (
	Traces  Signal = "TRACES"
	Metrics Signal = "METRICS"
)

func (s Signal) path() string { return "/v1/" + strings.ToLower(string(s)) }

// Protobuf is the one value of OTEL_EXPORTER_OTLP_PROTOCOL that is linked.
const Protobuf = "http/protobuf"

// Config says where and how to export. ConfigFromEnv makes one from the standard variables.
type Config struct {
	URL     *url.URL
	Headers http.Header
	Gzip    bool
	Timeout time.Duration // of an export with all its attempts
	TLS     *tls.Config
}

// ConfigFromEnv reads the OTEL_EXPORTER_OTLP_<SIGNAL>_* and OTEL_EXPORTER_OTLP_* variables.
// The first unusable value is the error; the configuration then has the default in its place.
func ConfigFromEnv(signal Signal) (c Config, err error) {
	fault := func(format string, args ...any) {
		if err == nil {
			err = fmt.Errorf(format, args...)
		}
	}
	if p := strings.ToLower(signal.env("PROTOCOL")); p != "" && p != Protobuf {
		fault("OTEL_EXPORTER_OTLP_PROTOCOL %q is not in this program, which sends %s; point OTEL_EXPORTER_OTLP_ENDPOINT to the collector's HTTP port (4318)", p, Protobuf)
	}
	var urlErr error
	if c.URL, urlErr = signal.endpoint(); urlErr != nil {
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

// endpoint finds the URL to send to. The signal's own variable is used as it is; the general one is a base.
func (s Signal) endpoint() (*url.URL, error) {
	fallback := "http://localhost:4318" + s.path()
	own := strings.TrimSpace(os.Getenv("OTEL_EXPORTER_OTLP_" + string(s) + "_ENDPOINT"))
	given := s.env("ENDPOINT")
	def, err := url.Parse(fallback)
	if err != nil || given == "" {
		return def, err
	}
	text := given
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return def, fmt.Errorf("OTLP endpoint %q is not a URL with scheme http or https; using %s", given, fallback)
	}
	switch {
	case own == "":
		u.Path = strings.TrimSuffix(u.Path, "/") + s.path()
	case u.Path == "":
		u.Path = "/"
	}
	return u, nil
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
