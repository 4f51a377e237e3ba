// Package otlp exports telemetry by the OpenTelemetry protocol: protobuf or JSON over HTTP, and protobuf over gRPC.
//
// The messages are written by hand and gRPC's unary calls are plain HTTP/2 of net/http. OpenTelemetry's own exporters link
// protobuf, grpc, grpc-gateway and genproto into every program, even the HTTP one: twice the binary, and their versions in
// everybody's module graph.
package otlp

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// UserAgent is what the exporter calls itself. The net/http hooks know their own exporter by it.
const UserAgent = "OTel-OTLP-Exporter-Go/rules_go_weave"

// Protocols of OTEL_EXPORTER_OTLP_PROTOCOL.
const (
	Protobuf = "http/protobuf"
	JSON     = "http/json"
	GRPC     = "grpc"
)

// Config says where and how to export. ConfigFromEnv makes one from the standard variables.
type Config struct {
	Protocol string
	URL      *url.URL
	Headers  http.Header
	Gzip     bool
	Timeout  time.Duration
	TLS      *tls.Config
}

// traceService is the gRPC method that takes spans.
const traceService = "/opentelemetry.proto.collector.trace.v1.TraceService/Export"

// ConfigFromEnv reads the OTEL_EXPORTER_OTLP_TRACES_* and OTEL_EXPORTER_OTLP_* variables.
// The first unusable value is the error; the configuration then has the default in its place.
func ConfigFromEnv() (c Config, err error) {
	fault := func(format string, args ...any) {
		if err == nil {
			err = fmt.Errorf(format, args...)
		}
	}
	c.Protocol = Protobuf
	switch p := strings.ToLower(env("PROTOCOL")); p {
	case "":
	case Protobuf, JSON, GRPC:
		c.Protocol = p
	default:
		fault("OTEL_EXPORTER_OTLP_PROTOCOL %q is not one of %s, %s, %s; using %s", p, Protobuf, JSON, GRPC, Protobuf)
	}
	var urlErr error
	if c.URL, urlErr = endpoint(c.Protocol); urlErr != nil {
		fault("%w", urlErr)
	}
	c.Timeout = 10 * time.Second
	if s := env("TIMEOUT"); s != "" {
		if ms, err := strconv.Atoi(s); err == nil && ms > 0 {
			c.Timeout = time.Duration(ms) * time.Millisecond
		} else {
			fault("OTEL_EXPORTER_OTLP_TIMEOUT %q is not a number of milliseconds; using %s", s, c.Timeout)
		}
	}
	switch s := strings.ToLower(env("COMPRESSION")); s {
	case "", "none":
	case "gzip":
		c.Gzip = true
	default:
		fault("OTEL_EXPORTER_OTLP_COMPRESSION %q is neither gzip nor none; using none", s)
	}
	var headersErr error
	if c.Headers, headersErr = headers(env("HEADERS")); headersErr != nil {
		fault("%w", headersErr)
	}
	var tlsErr error
	if c.TLS, tlsErr = tlsConfig(); tlsErr != nil {
		fault("%w", tlsErr)
	}
	return c, err
}

// env reads a variable of the traces signal, or else the general one.
func env(name string) string {
	if s := strings.TrimSpace(os.Getenv("OTEL_EXPORTER_OTLP_TRACES_" + name)); s != "" {
		return s
	}
	return strings.TrimSpace(os.Getenv("OTEL_EXPORTER_OTLP_" + name))
}

// Asked tells whether the environment names an endpoint; where it does not, a collector that is not there is nobody's fault.
func Asked() bool { return env("ENDPOINT") != "" }

// endpoint finds the URL to send to. The signal's own variable is used as it is; the general one is a base.
func endpoint(protocol string) (*url.URL, error) {
	fallback := "http://localhost:4318/v1/traces"
	if protocol == GRPC {
		fallback = "http://localhost:4317" + traceService
	}
	own := strings.TrimSpace(os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"))
	s := own
	if s == "" {
		s = strings.TrimSpace(os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT"))
	}
	def, err := url.Parse(fallback)
	if err != nil || s == "" {
		return def, err
	}
	given := s
	if !strings.Contains(s, "://") {
		scheme := "http://"
		if protocol == GRPC && !strings.EqualFold(env("INSECURE"), "true") {
			scheme = "https://"
		}
		s = scheme + s
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return def, fmt.Errorf("OTLP endpoint %q is not a URL with scheme http or https; using %s", given, fallback)
	}
	switch {
	case protocol == GRPC:
		u.Path = traceService
	case own == "":
		u.Path = strings.TrimSuffix(u.Path, "/") + "/v1/traces"
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
func tlsConfig() (*tls.Config, error) {
	ca, cert, key := env("CERTIFICATE"), env("CLIENT_CERTIFICATE"), env("CLIENT_KEY")
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

// Client sends spans. It makes no connection and no goroutine before the first export.
type Client struct {
	config    Config
	transport *http.Transport
	mu        sync.Mutex // held during an export: the buffers are used again
	body      []byte
	packed    bytes.Buffer
}

// NewClient returns a client for config.
func NewClient(config Config) *Client {
	t := &http.Transport{
		Proxy:               http.ProxyFromEnvironment,
		DialContext:         (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: 5 * time.Second,
		TLSClientConfig:     config.TLS,
		MaxIdleConns:        1,
		IdleConnTimeout:     10 * time.Second,
		ForceAttemptHTTP2:   true,
	}
	if config.Protocol == GRPC {
		t.Protocols = new(http.Protocols)
		if config.URL.Scheme == "https" {
			t.Protocols.SetHTTP2(true)
		} else {
			t.Protocols.SetUnencryptedHTTP2(true)
		}
	}
	return &Client{config: config, transport: t}
}

// Close closes the connection that is kept, if any.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// ExportSpans sends spans, and tries again while the collector says that it is worth trying, until the timeout or ctx ends.
func (c *Client) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	if len(spans) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	c.mu.Lock()
	defer c.mu.Unlock()
	body, err := c.encode(spans)
	if err != nil {
		return err
	}
	for wait := 250 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		again, err := c.post(ctx, body)
		if err == nil || again < 0 {
			return err
		}
		if pause := max(again, wait/2+rand.N(wait)); !sleep(ctx, pause) {
			return err
		}
	}
}

// encode writes the request's body into the client's buffer. A buffer that one large batch made is not kept.
func (c *Client) encode(spans []sdktrace.ReadOnlySpan) ([]byte, error) {
	const keep = 4 << 20
	if cap(c.body) > keep {
		c.body = nil
	}
	b := c.body[:0]
	switch c.config.Protocol {
	case JSON:
		b = AppendJSON(b, spans)
	case GRPC:
		b = AppendProto(append(b, 0, 0, 0, 0, 0), spans)
		binary.BigEndian.PutUint32(b[1:], uint32(len(b)-5))
	default:
		b = AppendProto(b, spans)
	}
	c.body = b
	if !c.config.Gzip {
		return b, nil
	}
	c.packed.Reset()
	from := b
	if c.config.Protocol == GRPC {
		from = b[5:]
		c.packed.Write([]byte{1, 0, 0, 0, 0})
	}
	z := gzip.NewWriter(&c.packed)
	if _, err := z.Write(from); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	b = c.packed.Bytes()
	if c.config.Protocol == GRPC {
		binary.BigEndian.PutUint32(b[1:], uint32(len(b)-5))
	}
	return b, nil
}

// post makes one attempt. If it fails, again is how long to wait at least before the next one, or negative if there is no use in one.
func (c *Client) post(ctx context.Context, body []byte) (again time.Duration, err error) {
	req := (&http.Request{
		Method:        http.MethodPost,
		URL:           c.config.URL,
		Host:          c.config.URL.Host,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        c.config.Headers.Clone(),
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
		GetBody:       func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil },
	}).WithContext(ctx)
	req.Header.Set("User-Agent", UserAgent)
	switch c.config.Protocol {
	case JSON:
		req.Header.Set("Content-Type", "application/json")
	case GRPC:
		req.Header.Set("Content-Type", "application/grpc")
		req.Header.Set("Te", "trailers")
		if c.config.Gzip {
			req.Header.Set("Grpc-Encoding", "gzip")
		}
	default:
		req.Header.Set("Content-Type", "application/x-protobuf")
	}
	if c.config.Gzip && c.config.Protocol != GRPC {
		req.Header.Set("Content-Encoding", "gzip")
	}
	// The transport itself, not a client: no redirects, no cookies.
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return -1, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	if err != nil {
		return -1, err
	}
	if c.config.Protocol == GRPC && resp.StatusCode == http.StatusOK {
		return grpcResult(resp, answer)
	}
	switch {
	case resp.StatusCode/100 == 2:
		if c.config.Protocol == Protobuf {
			return -1, partial(answer)
		}
		return -1, nil
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusBadGateway,
		resp.StatusCode == http.StatusServiceUnavailable, resp.StatusCode == http.StatusGatewayTimeout:
		return retryAfter(resp.Header.Get("Retry-After")), fmt.Errorf("%s answers %s", c.config.URL.Redacted(), resp.Status)
	}
	return -1, fmt.Errorf("%s answers %s", c.config.URL.Redacted(), resp.Status)
}

// grpcResult reads the status of a gRPC call from the trailers, or from the headers where there was no body.
func grpcResult(resp *http.Response, answer []byte) (again time.Duration, err error) {
	status, message := resp.Trailer.Get("Grpc-Status"), resp.Trailer.Get("Grpc-Message")
	if status == "" {
		status, message = resp.Header.Get("Grpc-Status"), resp.Header.Get("Grpc-Message")
	}
	switch status {
	case "0":
		if len(answer) > 5 && answer[0] == 0 {
			return -1, partial(answer[5:])
		}
		return -1, nil
	case "1", "4", "10", "11", "14", "15": // cancelled, deadline exceeded, aborted, out of range, unavailable, data loss
		return 0, fmt.Errorf("grpc status %s: %s", status, message)
	}
	return -1, fmt.Errorf("grpc status %q: %s", status, message)
}

// partial reads an ExportTraceServiceResponse and says what the collector refused.
func partial(answer []byte) error {
	for {
		f, rest, ok := next(answer)
		if !ok {
			return nil
		}
		answer = rest
		if f.number != 1 {
			continue
		}
		var rejected uint64
		var message string
		for b := f.bytes; ; {
			f, rest, ok := next(b)
			if !ok {
				break
			}
			b = rest
			switch f.number {
			case 1:
				rejected = f.value
			case 2:
				message = string(f.bytes)
			}
		}
		if rejected > 0 {
			return fmt.Errorf("the collector refused %d spans: %s", rejected, message)
		}
	}
}

// retryAfter reads a Retry-After header in its form of seconds.
func retryAfter(s string) time.Duration {
	if n, err := strconv.Atoi(s); err == nil && n > 0 {
		return time.Duration(n) * time.Second
	}
	return 0
}

// sleep waits for d, and tells whether it did: it does not even begin if ctx ends before.
func sleep(ctx context.Context, d time.Duration) bool {
	if end, ok := ctx.Deadline(); ok && time.Until(end) < d {
		return false
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
