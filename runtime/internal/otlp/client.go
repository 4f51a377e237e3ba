// Package otlp sends telemetry by the OpenTelemetry protocol, as protobuf over HTTP or by gRPC.
//
// Package wire turns spans, metrics and log records into messages; what is here sends them. OpenTelemetry's own clients, that for
// HTTP too, take the messages from packages that hold the gRPC services as well, and so link grpc, grpc-gateway and genproto into
// every program and put their versions into everybody's module graph. A call of one gRPC method with one message and one answer
// is a request of HTTP/2, which net/http makes.
package otlp

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
)

// UserAgent is the User-Agent of the exporter, by which the net/http hooks recognise it.
const UserAgent = "OTel-OTLP-Exporter-Go/rules_go_weave"

// maxAnswer is what is read of a collector's answer.
const maxAnswer = 64 << 10

// Client sends records. It makes no connection and no goroutine before the first export.
type Client struct {
	config    Config
	transport *http.Transport
	prefix    int // bytes before the message, which request fills in
	request   func(body []byte) (header http.Header)
	answer    func(*http.Response, []byte) (again time.Duration, err error)
	mu        sync.Mutex // held during an export: the buffers are used again
	body      []byte
	packed    bytes.Buffer
	zip       *gzip.Writer
	hopeless  bool // nothing of the last request that was refused and divided was taken, nor anything since
}

// NewClient returns a client that sends messages as the bodies of HTTP requests.
func NewClient(config Config) *Client {
	c := newClient(config)
	c.transport.ForceAttemptHTTP2 = true
	c.request, c.answer = c.plainRequest, c.plainAnswer
	return c
}

func newClient(config Config) *Client {
	return &Client{config: config, transport: &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:    5 * time.Second,
		TLSClientConfig:        config.TLS,
		MaxIdleConns:           1,
		IdleConnTimeout:        10 * time.Second,
		MaxResponseHeaderBytes: maxAnswer,
	}}
}

// Close closes the connection that is kept, if any.
func (c *Client) Close() { c.transport.CloseIdleConnections() }

// maxRefusals is how many requests are refused, and none taken, until the client no longer looks for what is wrong with them.
const maxRefusals = 128

// Send sends records, in as many requests as their size asks for, until ctx ends, and tells how many of them were lost. Where the
// collector refuses what a request holds, the request is divided until only what is refused is lost.
//
// A collector that refuses everything is not asked more often for it: it gets each batch once, until it takes something.
func (c *Client) Send(ctx context.Context, resource *wire.Resource, records []wire.Record) (lost int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	wire.Sort(records)
	// Large parts come first, so that a collector that takes some is soon known for one; of small ones each is looked through.
	var large, small [][]wire.Record
	for rest := records; len(rest) > 0; {
		n := wire.Fitting(resource, rest)
		large, rest = append(large, rest[:n]), rest[n:]
	}
	refusals, taken, left := 0, false, len(records)
	for len(large)+len(small) > 0 {
		var part []wire.Record
		if len(large) > 0 {
			part, large = large[0], large[1:]
		} else {
			part, small = small[len(small)-1], small[:len(small)-1]
		}
		fault := c.attempt(ctx, resource, part)
		var partly partialError
		switch {
		case fault == nil:
			c.hopeless, taken = false, true
		case errors.As(fault, &partly):
			c.hopeless, taken = false, true
			lost, err = lost+min(int(partly.rejected), len(part)), fault
		case !refused(fault):
			// Another request would not fare better.
			return lost + left, fault
		case !taken && refusals == maxRefusals:
			c.hopeless = true
			return lost + left, fault
		case len(part) > 1 && !c.hopeless:
			refusals++
			for _, half := range [][]wire.Record{part[len(part)/2:], part[:len(part)/2]} {
				if len(half) > len(records)/16 {
					large = append(large, half)
				} else {
					small = append(small, half)
				}
			}
			continue
		default:
			refusals++
			lost, err = lost+len(part), fault
		}
		left -= len(part)
	}
	return lost, err
}

// attempt sends records in one request, and tries again while the collector says that it is worth trying, until the timeout or
// ctx ends.
func (c *Client) attempt(ctx context.Context, resource *wire.Resource, records []wire.Record) error {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	body, err := c.encode(resource, records)
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

// encode writes the request's body into the client's buffers. One that a large message made is not kept.
func (c *Client) encode(resource *wire.Resource, records []wire.Record) ([]byte, error) {
	const keep = 1 << 20
	if cap(c.body) > keep {
		c.body = nil
	}
	if c.packed.Cap() > keep {
		c.packed = bytes.Buffer{}
	}
	var zero [8]byte
	c.body = wire.AppendRequest(append(c.body[:0], zero[:c.prefix]...), resource, records)
	if !c.config.Gzip {
		return c.body, nil
	}
	c.packed.Reset()
	c.packed.Write(zero[:c.prefix])
	if c.zip == nil {
		c.zip = gzip.NewWriter(nil)
	}
	z := c.zip // with its tables, which are larger than most requests
	z.Reset(&c.packed)
	if _, err := z.Write(c.body[c.prefix:]); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return c.packed.Bytes(), nil
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
		Header:        c.request(body),
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
		GetBody:       func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil },
	}).WithContext(ctx)
	req.Header.Set("User-Agent", UserAgent)
	// The transport itself, not a client: no redirects, no cookies.
	resp, err := c.transport.RoundTrip(req)
	if err != nil {
		return -1, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return -1, err
	}
	return c.answer(resp, answer)
}

// plainRequest is the header for a message that is the body.
func (c *Client) plainRequest([]byte) http.Header {
	h := c.config.Headers.Clone()
	h.Set("Content-Type", "application/x-protobuf")
	if c.config.Gzip {
		h.Set("Content-Encoding", "gzip")
	}
	return h
}

// plainAnswer reads the status.
func (c *Client) plainAnswer(resp *http.Response, answer []byte) (again time.Duration, err error) {
	switch {
	case resp.StatusCode/100 == 2:
		return -1, partial(answer)
	case resp.StatusCode == http.StatusTooManyRequests, resp.StatusCode == http.StatusBadGateway,
		resp.StatusCode == http.StatusServiceUnavailable, resp.StatusCode == http.StatusGatewayTimeout:
		again = retryAfter(resp.Header.Get("Retry-After"))
	default:
		again = -1
	}
	return again, StatusError{c.config.URL.Redacted(), said(resp.Status), resp.StatusCode}
}

// StatusError is a refusal.
type StatusError struct {
	url, status string
	code        int
}

func (e StatusError) Error() string { return e.url + " answers " + e.status }

// Unsupported reports whether the collector knows nothing of this kind of telemetry.
func Unsupported(err error) bool {
	var e interface{ unsupported() bool }
	return errors.As(err, &e) && e.unsupported()
}

func (e StatusError) unsupported() bool {
	return e.code == http.StatusNotFound || e.code == http.StatusMethodNotAllowed || e.code == http.StatusNotImplemented
}

// refused reports whether an error is about what a request holds, and so may not be about all of it.
func refused(err error) bool {
	var e interface{ refused() bool }
	return errors.As(err, &e) && e.refused()
}

func (e StatusError) refused() bool {
	switch e.code {
	case http.StatusBadRequest, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity, http.StatusInternalServerError:
		return true
	}
	return false
}

// partialError is what a collector says that takes a request, but not all that it holds.
type partialError struct {
	rejected uint64
	message  string
}

func (e partialError) Error() string {
	if e.rejected == 0 {
		return "the collector accepted it with a warning: " + e.message
	}
	return fmt.Sprintf("the collector refused %d items: %s", e.rejected, e.message)
}

// partial reads what the answers of all signals begin with, field 1 with the number of rejected items (1) and a message (2),
// and says what the collector refused, or has to say all the same. What is no such answer says nothing.
func partial(answer []byte) error {
	var e partialError
	wire.Fields(fieldBytes(answer, 1), func(number protowire.Number, value uint64, text []byte) {
		switch number {
		case 1:
			e.rejected = uint64(max(0, int64(value)))
		case 2:
			e.message = said(string(text))
		}
	})
	if e == (partialError{}) {
		return nil
	}
	return e
}

// said is what a collector says, as it may be shown.
func said(text string) string { return wire.Text(text, 200) }

// fieldBytes returns the last field of this number and of type bytes.
func fieldBytes(message []byte, number protowire.Number) (found []byte) {
	wire.Fields(message, func(n protowire.Number, _ uint64, text []byte) {
		if n == number {
			found = text
		}
	})
	return found
}

// retryAfter reads a Retry-After header: seconds, or a date.
func retryAfter(s string) time.Duration {
	if n, err := strconv.Atoi(s); err == nil {
		return min(max(0, time.Duration(n)), 24*60*60) * time.Second
	}
	if at, err := http.ParseTime(s); err == nil {
		return max(0, time.Until(at))
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
