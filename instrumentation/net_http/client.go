package net_http

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/redact"
)

// asked is what the durations of a client's requests are told apart by.
type asked struct {
	method, host, version, errorType string
	port, status                     int
}

var clientDuration = hook.NewDuration(instrumentation, "http.client.request.duration", "Duration of HTTP client requests.", hook.HTTPBuckets,
	func(k asked) []attribute.KeyValue {
		return present(attribute.String("http.request.method", k.method), attribute.String("server.address", k.host), attribute.Int("server.port", k.port),
			attribute.String("network.protocol.version", k.version), attribute.Int("http.response.status_code", k.status), attribute.String("error.type", k.errorType))
	})

var (
	clientRequestSize  = hook.NewSize(instrumentation, "http.client.request.body.size", "Size of HTTP client request bodies.")
	clientResponseSize = hook.NewSize(instrumentation, "http.client.response.body.size", "Size of HTTP client response bodies.")
)

// client is one request that a transport sends. It is the transport's copy of the request and that one's context as well, which
// saves the allocation of each.
type client struct {
	context.Context
	op        hook.Op
	begun     time.Time     // zero: nobody measures
	caller    *http.Request // the request as the transport's caller knows it
	copied    http.Request  // as the transport knows it, with a header of its own
	injected  [3]string     // values in that header
	responded time.Time     // when the header of a response with a body was there
	ended     atomic.Bool

	before, next *client // among the open ones, under the lock of their list
	list         byte    // which one that is
}

// trip is the round trip of a request, from hook to end. It is used again for others, unlike the client, which the transport and the
// response's body keep for longer. What the hook returns are its functions, made once.
type trip struct {
	c        *client
	late     bool // the span is one of ours, which copies the attributes that it is given
	recorded bool
	attrs    [8]attribute.KeyValue

	done func(*http.Response, error) (*http.Response, error)
	pass func(*http.Response, error) (*http.Response, error)
	end  func()
}

var trips sync.Pool

func newTrip(c *client, late bool) *trip {
	t, ok := trips.Get().(*trip)
	if !ok {
		t = new(trip)
		t.done = func(resp *http.Response, err error) (*http.Response, error) { return t.c.done(resp, err, t.buffer()) }
		t.pass = func(resp *http.Response, err error) (*http.Response, error) { return t.c.pass(resp, err) }
		t.end = t.over
	}
	t.c, t.late, t.recorded = c, late, c.op.Recording()
	return t
}

// buffer is where attributes are put together that a span is given.
func (t *trip) buffer() []attribute.KeyValue {
	if !t.late {
		return nil
	}
	return t.attrs[:0]
}

// over comes last, deferred.
func (t *trip) over() {
	if t.recorded {
		t.c.abandon()
	}
	t.c = nil
	clear(t.attrs[:])
	trips.Put(t)
}

type clientKey struct{}

// Value finds the request itself, or what the caller's context holds.
func (c *client) Value(key any) any {
	if key == (clientKey{}) {
		return c
	}
	return c.Context.Value(key)
}

// others is true once a transport that is not net/http's has sent something: they may be parts of one another.
var others atomic.Bool

// OtherRoundTrip is woven into transports of other packages, which may be given a request by net/http's, or give it one.
func OtherRoundTrip(req *http.Request) (*http.Request, func(*http.Response, error) (*http.Response, error), func()) {
	if !others.Load() {
		others.Store(true)
	}
	return RoundTrip(req)
}

// RoundTrip is woven into (*http.Transport).roundTrip.
//
// The transport gets a copy of the request, with the span's context in its headers. The response's Request stays the caller's.
func RoundTrip(req *http.Request) (out *http.Request, exit func(*http.Response, error) (*http.Response, error), end func()) {
	out = req
	if gate.Closed() || !instrumentation.On() || req == nil || req.URL == nil || req.Header == nil {
		return req, nil, nil
	}
	defer instrumentation.Recover()
	parent := req.Context()
	if exporter(req.Header) || instrumented(parent, req.Header) {
		return req, nil, nil
	}
	if others.Load() {
		if c, _ := hook.Value(parent, clientKey{}).(*client); c != nil && c.caller.URL == req.URL {
			return req, nil, nil // the same request, which another transport has given to this one
		}
	}
	begun := clientDuration.Start()
	ctx, op, described := instrumentation.HTTPDescribed(parent)
	var late bool
	if !described {
		ctx, op, late = instrumentation.StartBare(parent, hook.Client, hook.HTTPMethod(req.Method), func() []attribute.KeyValue {
			var b [8]attribute.KeyValue
			return clientAttributes(b[:0], req)
		})
	}
	if op.Span() == nil {
		return req, nil, nil
	}
	c := &client{Context: ctx, op: op, begun: begun, caller: req}
	copied := c.copyOf(req)
	hook.Try(func() { otel.GetTextMapPropagator().Inject(ctx, (*clientHeader)(c)) })
	t := newTrip(c, late)
	if !t.recorded {
		return copied, t.pass, t.end
	}
	if late {
		op.Set(clientAttributes(t.buffer(), req)...)
	}
	if len(clientRequestHeaders) > 0 {
		op.Set(headerAttributes(nil, clientRequestHeaders, req.Header)...)
	}
	return copied, t.done, t.end
}

// copyOf copies the request, for the transport: with c as its context and a header that may be changed.
func (c *client) copyOf(req *http.Request) *http.Request {
	out := &c.copied
	if setContext == nil {
		out = req.WithContext(c)
	} else {
		*out = *req
		setContext(out, c)
	}
	// Values are not changed but replaced, so the slices may be shared.
	out.Header = maps.Clone(req.Header)
	c.copied.Header = out.Header
	return out
}

// clientHeader is the header of the copy, for propagators. For the names that OpenTelemetry's use it makes neither a canonical name nor
// a slice.
type clientHeader client

// Get returns the first value of a header.
func (h *clientHeader) Get(key string) string { return h.copied.Header.Get(key) }

// Set replaces the values of a header.
func (h *clientHeader) Set(key, value string) {
	i := 0
	switch key {
	case "traceparent":
		key = "Traceparent"
	case "tracestate":
		key, i = "Tracestate", 1
	case "baggage":
		key, i = "Baggage", 2
	default:
		h.copied.Header.Set(key, value)
		return
	}
	h.injected[i] = value
	h.copied.Header[key] = h.injected[i : i+1 : i+1]
}

// Keys lists the names of the headers.
func (h *clientHeader) Keys() []string { return propagation.HeaderCarrier(h.copied.Header).Keys() }

// WeaveCaller returns the request that the caller knows, for (*http.Transport).CancelRequest, which is given that one.
func (c *client) WeaveCaller() *http.Request { return c.caller }

// CancelRequest is woven into the deprecated method of that name: the transport knows the request by our copy.
func CancelRequest(t *http.Transport, copied *http.Request) {
	// What the transport does for the program is not guarded.
	if !gate.Closed() && copied != nil {
		t.CancelRequest(copied)
	}
}

// pass ends a round trip without a recorded span.
func (c *client) pass(resp *http.Response, err error) (*http.Response, error) {
	c.measure(resp, err)
	c.giveBack(resp)
	return resp, err
}

// giveBack has the response name the caller's request.
func (c *client) giveBack(resp *http.Response) {
	if resp != nil && resp.Request != nil {
		resp.Request = c.caller
	}
}

// done ends a round trip: with an error at once, else with the body. What it adds to attrs is what the span is given.
func (c *client) done(resp *http.Response, err error, attrs []attribute.KeyValue) (out *http.Response, failed error) {
	out, failed = resp, err
	c.measure(resp, err)
	c.giveBack(resp)
	defer instrumentation.Recover()
	if err != nil || resp == nil {
		c.end(err)
		return resp, err
	}
	attrs = append(attrs, attribute.Int("http.response.status_code", resp.StatusCode))
	if v := protocolVersion(resp.ProtoMajor, resp.ProtoMinor); v != "" {
		attrs = append(attrs, attribute.String("network.protocol.version", v))
	}
	if resp.StatusCode >= 400 {
		attrs = append(attrs, attribute.String("error.type", strconv.Itoa(resp.StatusCode)))
		c.op.Span().SetStatus(codes.Error, "")
	}
	attrs = headerAttributes(attrs, clientResponseHeaders, resp.Header)
	c.op.Set(attrs...)
	if !plainBody(resp.Body) || responseSize(c.caller.Method, resp) == 0 || c.caller.Method == http.MethodHead {
		c.end(nil)
		return resp, nil
	}
	resp.Body = newClientBody(c, resp.Body)
	return resp, nil
}

// measure records how long the round trip took, up to the header of the response.
func (c *client) measure(resp *http.Response, err error) {
	if c.begun.IsZero() {
		return
	}
	defer instrumentation.Recover()
	host, port := hostPort(c.caller.URL)
	k := asked{method: hook.HTTPMethodAttribute(hook.HTTPMethod(c.caller.Method)), host: host, port: port}
	if resp != nil {
		k.status, k.version = resp.StatusCode, protocolVersion(resp.ProtoMajor, resp.ProtoMinor)
	}
	switch {
	case err != nil:
		k.errorType = hook.ErrorType(err)
	case k.status >= 400:
		k.errorType = strconv.Itoa(k.status)
	}
	sizes := [2]hook.Sized{{Of: clientRequestSize, Bytes: c.caller.ContentLength}, {Of: clientResponseSize, Bytes: responseSize(c.caller.Method, resp)}}
	if b := c.caller.Body; c.caller.ContentLength == 0 && b != nil && b != http.NoBody {
		sizes[0].Bytes = -1
	}
	clientDuration.Stop(c.Context, c.begun, k, sizes[:]...)
}

// responseSize is the size of a response's body, -1 for one that is not known. Content-Length may be about a body that is not sent.
func responseSize(method string, resp *http.Response) int64 {
	switch {
	case resp == nil || method == http.MethodHead || resp.StatusCode < 200 || method == http.MethodConnect && resp.StatusCode < 300:
		return -1
	case resp.StatusCode == http.StatusNoContent || resp.StatusCode == http.StatusNotModified:
		return 0
	}
	return resp.ContentLength
}

// abandon ends the span if the round trip ends by a panic. After an ordinary end it does nothing, since done came before.
func (c *client) abandon() {
	if c.responded.IsZero() {
		c.end(nil)
	}
}

func (c *client) end(err error) {
	if !c.ended.Swap(true) {
		c.op.End(err)
	}
}

// exporter reports whether the request is that of an OpenTelemetry exporter, ours or the program's: a span for it would be
// exported by the next request, and so on for ever.
func exporter(h http.Header) bool {
	ua := first(h["User-Agent"])
	return strings.HasPrefix(ua, "OTel") &&
		(strings.HasPrefix(ua, "OTel-OTLP-Exporter-Go") || strings.HasPrefix(ua, "OTel OTLP Exporter Go") || strings.HasPrefix(ua, "OTel Go OTLP"))
}

// instrumented reports whether the headers already carry the active span: somebody made a client span and injected it.
func instrumented(ctx context.Context, h http.Header) bool {
	w3c, b3, b3id := first(h["Traceparent"]), first(h["B3"]), first(h["X-B3-Spanid"])
	if w3c == "" && b3 == "" && b3id == "" {
		return false
	}
	sc := hook.SpanContext(ctx)
	if !sc.IsValid() || sc.IsRemote() {
		return false
	}
	id := sc.SpanID().String()
	return len(w3c) >= 52 && w3c[36:52] == id || strings.Contains(b3, "-"+id) || b3id == id
}

// clientAttributes appends what is known of a request before it is sent.
func clientAttributes(attrs []attribute.KeyValue, req *http.Request) []attribute.KeyValue {
	m := hook.HTTPMethod(req.Method)
	attrs = append(attrs, attribute.String("http.request.method", hook.HTTPMethodAttribute(m)))
	if m == hook.HTTPOther {
		attrs = append(attrs, attribute.String("http.request.method_original", cut(req.Method)))
	}
	attrs = append(attrs, attribute.String("url.full", redact.URL(req.URL)))
	host, port := hostPort(req.URL)
	if host != "" {
		attrs = append(attrs, attribute.String("server.address", cut(host)))
	}
	if port > 0 {
		attrs = append(attrs, attribute.Int("server.port", port))
	}
	return attrs
}

// hostPort is where a request goes; the port is 0 where it is not known.
func hostPort(u *url.URL) (host string, port int) {
	if host, port = hook.SplitHostPort(u.Host); port == 0 && host != "" {
		switch u.Scheme {
		case "http":
			port = 80
		case "https":
			port = 443
		}
	}
	return host, port
}
