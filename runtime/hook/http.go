package hook

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/active"
	"github.com/rules-go-weave/rules_go_weave/runtime/internal/wire"
	"github.com/rules-go-weave/rules_go_weave/runtime/redact"
)

// HTTPBuckets are the boundaries that the semantic conventions give for the duration of HTTP requests, in seconds.
var HTTPBuckets = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}

// HTTPSpanName returns "METHOD route". A pattern that is exactly that is used as it is; other names are cached.
func HTTPSpanName(asked, pattern, route string) string {
	m := HTTPMethod(asked)
	if len(pattern) == len(m)+1+len(route) && pattern[:len(m)] == m && pattern[len(m)] == ' ' && pattern[len(m)+1:] == route {
		return pattern
	}
	key := namedRoute{m, route}
	names.RLock()
	name, known := names.all[key]
	names.RUnlock()
	if known {
		return name
	}
	name = m + " " + route
	if len(name) > maxName {
		return name
	}
	names.Lock()
	defer names.Unlock()
	if len(names.all) < maxNames {
		// The route may be a part of something large; the name is not.
		names.all[namedRoute{m, name[len(m)+1:]}] = name
	}
	return name
}

type namedRoute struct{ method, route string }

// names are the names of spans by method and route. A program may make up routes: so many are kept, of so many bytes.
var names = struct {
	sync.RWMutex
	all map[namedRoute]string
}{all: map[namedRoute]string{}}

const maxNames, maxName = 1000, 256

// SplitHostPort splits an address; the port is 0 if it is missing.
func SplitHostPort(s string) (host string, port int) {
	if s == "" || s[0] != '[' && strings.LastIndexByte(s, ':') < 0 {
		return s, 0
	}
	h, p, err := net.SplitHostPort(s)
	if err != nil {
		return strings.Trim(s, "[]"), 0
	}
	if port, err = strconv.Atoi(p); err != nil || port < 0 || port > 65535 {
		port = 0
	}
	return h, port
}

// HTTPOther stands for a method that is not well known, because a span's name must not be text that a client invents.
const HTTPOther = "HTTP"

// HTTPMethod returns a well-known method, or HTTPOther.
func HTTPMethod(m string) string {
	switch m {
	case "":
		return http.MethodGet
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return m
	}
	return HTTPOther
}

// HTTPMethodAttribute returns the attribute value for a result of HTTPMethod.
func HTTPMethodAttribute(m string) string {
	if m == HTTPOther {
		return "_OTHER"
	}
	return m
}

// HTTP describes the requests of a library with its own implementation of HTTP as those of net/http: by a span on each side, and by
// metrics. A library has one, in a package variable.
//
//	ctx, call := requests.Serve(parent, hook.HTTPRequest{Method: "GET", Scheme: "http", Path: path}, details)
//	...
//	call.End(200, 17, nil)
type HTTP struct {
	of                                       *Instrumentation
	served, sent                             *Duration[httpKey]
	servedRequest, servedResponse            *Size
	sentRequest, sentResponse                *Size
	active                                   *Active[httpActive]
	requestHeaders, responseHeaders          []httpHeader // of servers
	clientRequestHeaders, clientResponseHead []httpHeader
}

// httpKey is what the durations of requests are told apart by.
type httpKey struct {
	method, scheme, route, address, version, errorType string
	port, status                                       int
}

type httpActive struct{ method, scheme string }

type httpHeader struct {
	name string
	key  attribute.Key
}

// HTTPRequest has the properties that are known for every request. Its texts are kept: nobody may overwrite their memory.
type HTTPRequest struct {
	Method  string // as it was asked for
	Scheme  string
	Version string // of the protocol, "1.1"
	Address string // the server's, of requests that are sent
	Port    int
	Path    string // of the URL, of requests that are served
	Size    int64  // of the body; negative for one that is not known
}

// HTTPDetails has further properties of a request, which are asked for only if there is a span.
type HTTPDetails struct {
	Host      string // by which the server was called, perhaps with a port
	Query     string
	Peer      string // address and port of who calls
	Forwarded string // X-Forwarded-For
	Agent     string
	URL       string // of requests that are sent
}

// NewHTTP returns the HTTP of an instrumentation.
func NewHTTP(i *Instrumentation) *HTTP {
	listed := func(side, message string) (all []httpHeader) {
		for _, name := range Setting("OTEL_INSTRUMENTATION_HTTP_" + side + "_CAPTURE_" + message + "_HEADERS") {
			all = append(all, httpHeader{name, attribute.Key("http." + strings.ToLower(message) + ".header." + strings.ToLower(name))})
		}
		return all
	}
	attributes := func(k httpKey) (attrs []attribute.KeyValue) {
		add := func(key, value string) {
			if value != "" {
				attrs = append(attrs, attribute.String(key, value))
			}
		}
		add("http.request.method", k.method)
		add("url.scheme", k.scheme)
		add("http.route", k.route)
		add("server.address", k.address)
		if k.port > 0 {
			attrs = append(attrs, attribute.Int("server.port", k.port))
		}
		add("network.protocol.version", k.version)
		if k.status != 0 {
			attrs = append(attrs, attribute.Int("http.response.status_code", k.status))
		}
		add("error.type", k.errorType)
		return attrs
	}
	return &HTTP{
		of:             i,
		served:         NewDuration(i, "http.server.request.duration", "Duration of HTTP server requests.", HTTPBuckets, attributes),
		servedRequest:  NewSize(i, "http.server.request.body.size", "Size of HTTP server request bodies."),
		servedResponse: NewSize(i, "http.server.response.body.size", "Size of HTTP server response bodies."),
		sent:           NewDuration(i, "http.client.request.duration", "Duration of HTTP client requests.", HTTPBuckets, attributes),
		sentRequest:    NewSize(i, "http.client.request.body.size", "Size of HTTP client request bodies."),
		sentResponse:   NewSize(i, "http.client.response.body.size", "Size of HTTP client response bodies."),
		active: NewActive(i, "http.server.active_requests", "{request}", "Number of active HTTP server requests.", func(k httpActive) []attribute.KeyValue {
			return []attribute.KeyValue{attribute.String("http.request.method", k.method), attribute.String("url.scheme", k.scheme)}
		}),
		requestHeaders: listed("SERVER", "REQUEST"), responseHeaders: listed("SERVER", "RESPONSE"),
		clientRequestHeaders: listed("CLIENT", "REQUEST"), clientResponseHead: listed("CLIENT", "RESPONSE"),
	}
}

// HTTPCall is a request in progress, and its context. A nil one is not a request, and its methods do nothing.
type HTTPCall struct {
	context.Context
	told    Incoming
	of      *HTTP
	request HTTPRequest
	op      Op
	begun   time.Time // zero if nothing is measured
	count   *atomic.Int64
	panic   Panic
	server  bool
	ended   atomic.Bool
	state   active.State // of a server's
}

// httpAttributes are lists of attributes, which spans copy.
var httpAttributes = sync.Pool{New: func() any { return new([18]attribute.KeyValue) }}

// setMade adds attributes that are made in memory which is used again.
func (o Op) setMade(fill func([]attribute.KeyValue) []attribute.KeyValue) {
	list := httpAttributes.Get().(*[18]attribute.KeyValue)
	attrs := fill(list[:0])
	o.Set(attrs...)
	clear(list[:min(len(attrs), len(list))])
	httpAttributes.Put(list)
}

// Value returns the *Incoming of the request, or the value in its context.
func (c *HTTPCall) Value(key any) any {
	if c.server {
		if key == (IncomingKey{}) {
			return &c.told
		}
		if c.told.superseded() {
			return nil
		}
	}
	return c.Context.Value(key)
}

// Serve begins to answer a request; parent holds the context that the caller sent. header holds the headers of the request, and is not kept
// after Serve returns. The call is active in the goroutine until it ends, which it must on every path.
func (h *HTTP) Serve(parent context.Context, r HTTPRequest, details func() HTTPDetails, header HTTPHeader) *HTTPCall {
	if h == nil || !h.of.On() {
		return nil
	}
	begun := h.served.Start()
	attributes := func(attrs []attribute.KeyValue) []attribute.KeyValue {
		return h.headers(serverAttributes(attrs, r, details()), h.requestHeaders, header)
	}
	var c *HTTPCall
	ctx, op, late := h.of.StartIn(parent, Server, HTTPMethod(r.Method), func() []attribute.KeyValue { return attributes(nil) }, func() *active.State {
		c = new(HTTPCall)
		return &c.state
	})
	if op.Span() == nil && begun.IsZero() {
		return nil
	}
	if late && op.Recording() {
		op.setMade(attributes)
	}
	if c == nil {
		c = new(HTTPCall)
	}
	c.Context, c.of, c.request, c.op, c.begun, c.server, c.panic = ctx, h, r, op, begun, true, PanicMark()
	c.told.Begin(op, none, r.Path, nil)
	if !begun.IsZero() {
		if c.count = h.active.Count(httpActive{HTTPMethodAttribute(HTTPMethod(r.Method)), r.Scheme}); c.count != nil {
			c.count.Add(1)
		}
	}
	return c
}

// serverAttributes appends those of a request before it is answered.
func serverAttributes(attrs []attribute.KeyValue, r HTTPRequest, d HTTPDetails) []attribute.KeyValue {
	attrs = methodAttributes(append(attrs, attribute.String("url.scheme", r.Scheme)), r.Method)
	add := func(key attribute.Key, value string) {
		if value != "" {
			attrs = append(attrs, key.String(Cut(value, redact.Max)))
		}
	}
	address := func(hostPort string, of, at attribute.Key) (host string) {
		host, port := SplitHostPort(hostPort)
		add(of, host)
		if host != "" && port > 0 {
			attrs = append(attrs, at.Int(port))
		}
		return host
	}
	address(d.Host, "server.address", "server.port")
	add("url.path", redact.Path(r.Path))
	if d.Query != "" {
		add("url.query", redact.Query(d.Query))
	}
	client := address(d.Peer, "network.peer.address", "network.peer.port")
	if hop, _, _ := strings.Cut(d.Forwarded, ","); strings.TrimSpace(hop) != "" {
		client = strings.TrimSpace(hop)
	}
	add("client.address", client)
	add("user_agent.original", d.Agent)
	add("network.protocol.version", r.Version)
	return attrs
}

func methodAttributes(attrs []attribute.KeyValue, asked string) []attribute.KeyValue {
	m := HTTPMethod(asked)
	attrs = append(attrs, attribute.String("http.request.method", HTTPMethodAttribute(m)))
	if m == HTTPOther {
		attrs = append(attrs, attribute.String("http.request.method_original", Cut(asked, redact.Max)))
	}
	return attrs
}

// headers appends the headers that the user has listed.
func (h *HTTP) headers(attrs []attribute.KeyValue, list []httpHeader, header HTTPHeader) []attribute.KeyValue {
	for _, l := range list {
		if value := header.WeaveHeader(l.name); len(value) > 0 {
			attrs = append(attrs, l.key.StringSlice([]string{string(value)}))
		}
	}
	return attrs
}

// Send begins to send a request; details and header are as for Serve. A nil call describes nothing.
func (h *HTTP) Send(ctx context.Context, r HTTPRequest, details func() HTTPDetails, header HTTPHeader) *HTTPCall {
	if h == nil || !h.of.On() {
		return nil
	}
	begun := h.sent.Start()
	attributes := func(attrs []attribute.KeyValue) []attribute.KeyValue {
		attrs = methodAttributes(attrs, r.Method)
		if u := details().URL; u != "" {
			attrs = append(attrs, attribute.String("url.full", u))
		}
		if r.Address != "" {
			attrs = append(attrs, attribute.String("server.address", Cut(r.Address, redact.Max)))
		}
		if r.Port > 0 {
			attrs = append(attrs, attribute.Int("server.port", r.Port))
		}
		return h.headers(attrs, h.clientRequestHeaders, header)
	}
	with, op, described := h.of.HTTPDescribed(ctx)
	var late bool
	if !described {
		with, op, late = h.of.StartBare(ctx, Client, HTTPMethod(r.Method), func() []attribute.KeyValue { return attributes(nil) })
	}
	if op.Span() == nil {
		return nil
	}
	if late && op.Recording() {
		op.setMade(attributes)
	}
	return &HTTPCall{Context: with, of: h, request: r, op: op, begun: begun}
}

// HTTPResponse has the properties of the response to a request.
type HTTPResponse struct {
	Status  int   // 0 for none
	Size    int64 // of the body; negative for one that is not known
	Version string
	Error   error      // why a client got none
	Header  HTTPHeader // nil for none
}

// HTTPHeader is the headers of a message, as adapters implement it. The bytes returned belong to the message.
type HTTPHeader interface{ WeaveHeader(name string) []byte }

// End ends the call. Only the first call of End has an effect. For a server, a deferred function that a panic runs may call it.
func (c *HTTPCall) End(r HTTPResponse) {
	if c == nil || !c.ended.CompareAndSwap(false, true) {
		return
	}
	defer foreign.Recover()
	defer c.op.Leave()
	if c.count != nil {
		c.count.Add(-1)
	}
	var told Told
	var value any
	var panicked bool
	if c.server {
		if told = c.told.End(); told.Superseded {
			return
		}
		if told.Described {
			c.op = Op{}
		}
		if value, panicked = c.panic.Value(); panicked || c.panic.Goexit() {
			r.Status, r.Size = 0, -1
		}
	}
	if c.request.Method == http.MethodHead {
		r.Size = -1
	}
	k := httpKey{method: HTTPMethodAttribute(HTTPMethod(c.request.Method)), route: told.Route, status: r.Status, version: c.request.Version}
	failing := 400
	if c.server {
		k.scheme, failing = c.request.Scheme, 500
	} else {
		k.address, k.port = c.request.Address, c.request.Port
		if r.Version != "" {
			k.version = r.Version
		}
	}
	switch {
	case panicked:
		k.errorType = PanicType(value)
	case told.Panic != "":
		k.errorType = told.Panic
	case r.Error != nil:
		k.errorType = ErrorType(r.Error)
	case r.Status >= failing:
		k.errorType = strconv.Itoa(r.Status)
	}
	duration, in, out, headers := c.of.sent, c.of.sentRequest, c.of.sentResponse, c.of.clientResponseHead
	if c.server {
		duration, in, out, headers = c.of.served, c.of.servedRequest, c.of.servedResponse, c.of.responseHeaders
	}
	duration.Stop(c.Context, c.begun, k, Sized{Of: in, Bytes: c.request.Size}, Sized{Of: out, Bytes: r.Size})
	if c.op.Recording() {
		c.op.setMade(func(attrs []attribute.KeyValue) []attribute.KeyValue {
			if told.Route != "" {
				attrs = append(attrs, attribute.String("http.route", told.Route))
				c.op.span.SetName(HTTPSpanName(c.request.Method, "", told.Route))
			}
			if r.Status != 0 {
				attrs = append(attrs, attribute.Int("http.response.status_code", r.Status))
			}
			if !c.server && k.version != "" {
				attrs = append(attrs, attribute.String("network.protocol.version", k.version))
			}
			if k.errorType != "" && !panicked && told.Panic == "" && r.Error == nil {
				attrs = append(attrs, attribute.String("error.type", k.errorType))
				c.op.span.SetStatus(codes.Error, wire.Text(told.Error, wire.MaxText))
			}
			if r.Header != nil && r.Status != 0 {
				attrs = c.of.headers(attrs, headers, r.Header)
			}
			return attrs
		})
		if panicked {
			c.op.Panicked(value)
		}
	}
	c.op.End(r.Error)
}

// Span returns the call's span, or nil.
func (c *HTTPCall) Span() trace.Span {
	if c == nil {
		return nil
	}
	return c.op.span
}
