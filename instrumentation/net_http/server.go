// Package net_http has the hooks for net/http: a span for every request that a server answers and for every request that a
// client's transport sends, with the context carried from the one to the other by the global propagator.
//
// The http.ResponseWriter is never wrapped: status and size are read from net/http's own writer when the handler has
// returned, so handlers find every optional interface and every fast path that they find without us.
//
// No double spans: where otelhttp wraps a handler, its server span takes the place of ours. A request that already carries the active span's context in its headers has been instrumented by hand
// and gets no client span of ours; the requests of OpenTelemetry's exporters get none either.
package net_http

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
	_ "unsafe" // for linkname

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/redact"
)

var instrumentation = hook.New("net/http")

// gate is before every hook.
var gate hook.Gate

func init() { gate.Open("net/http") }

// buckets are the boundaries that the semantic conventions give for the duration of HTTP requests, in seconds.
var buckets = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}

// served is what the durations of a server's requests are told apart by.
type served struct {
	method, scheme, route, version, errorType string
	status                                    int
}

var serverDuration = hook.NewDuration(instrumentation, "http.server.request.duration", "Duration of HTTP server requests.", buckets,
	func(k served) []attribute.KeyValue {
		return present(attribute.String("http.request.method", k.method), attribute.String("url.scheme", k.scheme), attribute.String("http.route", k.route),
			attribute.String("network.protocol.version", k.version), attribute.Int("http.response.status_code", k.status), attribute.String("error.type", k.errorType))
	})

var (
	serverRequestSize  = hook.NewSize(instrumentation, "http.server.request.body.size", "Size of HTTP server request bodies.")
	serverResponseSize = hook.NewSize(instrumentation, "http.server.response.body.size", "Size of HTTP server response bodies.")
)

// serving is what a server's requests are told apart by while they are answered.
type serving struct{ method, scheme string }

var serverActive = hook.NewActive(instrumentation, "http.server.active_requests", "{request}", "Number of active HTTP server requests.",
	func(k serving) []attribute.KeyValue {
		return []attribute.KeyValue{attribute.String("http.request.method", k.method), attribute.String("url.scheme", k.scheme)}
	})

// present returns the attributes that are neither empty nor zero.
func present(attrs ...attribute.KeyValue) []attribute.KeyValue {
	return slices.DeleteFunc(attrs, func(kv attribute.KeyValue) bool {
		return kv.Value == attribute.StringValue("") || kv.Value == attribute.IntValue(0)
	})
}

// responseInfo reads the status code (0 if no header was written) and the size of the body written so far from a server's
// own ResponseWriter. The woven net/http defines it.
//
//go:linkname responseInfo net/http.weaveResponseInfo
var responseInfo func(http.ResponseWriter) (status int, written int64, hijacked bool)

// setContext sets the context of a request in place: a copy of the server's request would lose the form files that the
// server removes after the handler. The woven net/http defines it.
//
//go:linkname setContext net/http.weaveSetContext
var setContext func(*http.Request, context.Context)

// server is one request that a server answers. It is used again for other requests: nothing may keep it but Server's end.
type server struct {
	op    hook.Op
	rw    http.ResponseWriter
	req   *http.Request
	scope *requestScope
	panic hook.Panic
	begun time.Time     // zero: nobody measures
	count *atomic.Int64 // of active requests; nil: nobody counts
	late  bool
	attrs [18]attribute.KeyValue
	end   func()
}

var servers sync.Pool

func newServer() *server {
	if s, ok := servers.Get().(*server); ok {
		return s
	}
	s := new(server)
	s.end = s.finish
	return s
}

// requestScope is the context of a request that is recorded. What handlers tell about the request goes here, since they may
// hold on to the context for longer than the request lasts.
type requestScope struct {
	context.Context
	path   string // of the URL, as the server received it
	req    *http.Request
	before trace.Span // what the request's context held, before what the caller sent; mostly none
	op     hook.Op

	mu         sync.Mutex
	route      string
	superseded bool
}

type scopeKey struct{}

// Value finds the scope itself, or what the request's own context holds.
func (s *requestScope) Value(key any) any {
	if key == (scopeKey{}) {
		return s
	}
	return s.Context.Value(key)
}

func scopeOf(ctx context.Context) *requestScope {
	s, _ := ctx.Value(scopeKey{}).(*requestScope)
	return s
}

// Server is woven into the function that hands a request to the server's handler.
func Server(rw http.ResponseWriter, req *http.Request) (*http.Request, func()) {
	if gate.Closed() {
		return req, nil
	}
	before := hook.Explicit(req.Context())
	if hook.SuppressedBy(before) {
		return req, nil // a server of our own
	}
	parent := extract(req)
	begun := serverDuration.Start()
	ctx, op, late := instrumentation.StartBare(parent, hook.Server, method(req.Method), func() []attribute.KeyValue {
		var b [18]attribute.KeyValue
		return requestAttributes(b[:0], req)
	})
	if !op.Recording() && begun.IsZero() {
		if op.Span() == nil {
			ctx = parent
		}
		if !op.Active() {
			return withContext(req, ctx), nil
		}
		return withContext(req, ctx), hook.LeaveIncoming
	}
	s := newServer()
	s.scope = &requestScope{Context: ctx, path: req.URL.Path, before: before, op: op}
	req = withContext(req, s.scope)
	s.scope.req = req
	s.op, s.rw, s.req, s.late, s.panic, s.begun = op, rw, req, late, hook.PanicMark(), begun
	if !begun.IsZero() {
		if s.count = serverActive.Count(serving{methodAttribute(method(req.Method)), scheme(req)}); s.count != nil {
			s.count.Add(1)
		}
	}
	return req, s.end
}

// extract returns the request's context with what the caller sent.
func extract(req *http.Request) context.Context {
	propagator := otel.GetTextMapPropagator()
	if hook.Carries(propagator, req.Header) {
		return propagator.Extract(req.Context(), propagation.HeaderCarrier(req.Header))
	}
	return req.Context()
}

func withContext(req *http.Request, ctx context.Context) *http.Request {
	if setContext == nil {
		return req.WithContext(ctx)
	}
	setContext(req, ctx)
	return req
}

// finish ends the span. It runs deferred, also when the handler panics.
func (s *server) finish() {
	s.scope.mu.Lock()
	route, superseded := s.scope.route, s.scope.superseded
	s.scope.mu.Unlock()
	if s.count != nil {
		s.count.Add(-1)
		s.count = nil
	}
	if superseded {
		s.op.Leave()
	} else {
		s.record(route)
	}
	s.op, s.rw, s.req, s.scope, s.panic, s.begun = hook.Op{}, nil, nil, nil, hook.Panic{}, time.Time{}
	clear(s.attrs[:])
	servers.Put(s)
}

func (s *server) record(route string) {
	value, panicked := s.panic.Value()
	if route == "" {
		route = patternPath(s.req.Pattern)
	}
	var status int
	written := int64(-1)
	if responseInfo != nil {
		var hijacked bool
		if status, written, hijacked = responseInfo(s.rw); status == 0 && !hijacked && !panicked {
			status = http.StatusOK // what the server will write when the handler wrote nothing
		}
	}
	errorType := ""
	switch {
	case panicked:
		errorType = hook.PanicType(value)
	case status >= 500:
		errorType = strconv.Itoa(status)
	}
	if !s.begun.IsZero() {
		serverDuration.Stop(s.scope, s.begun, served{methodAttribute(method(s.req.Method)), scheme(s.req), route, protocolVersion(s.req.ProtoMajor, s.req.ProtoMinor), errorType, status},
			hook.Sized{Of: serverRequestSize, Bytes: s.req.ContentLength}, hook.Sized{Of: serverResponseSize, Bytes: written})
	}
	if s.op.Recording() {
		s.describe(route, status, errorType, value, panicked)
	}
	s.op.End(nil)
}

// describe completes the span.
func (s *server) describe(route string, status int, errorType string, value any, panicked bool) {
	attrs := s.attrs[:0]
	if s.late {
		attrs = requestAttributes(attrs, s.req)
	}
	if route != "" {
		attrs = append(attrs, attribute.String("http.route", route))
		s.op.Span().SetName(spanName(s.req, route))
	}
	if status != 0 {
		attrs = append(attrs, attribute.Int("http.response.status_code", status))
		if status >= 500 {
			s.op.Span().SetStatus(codes.Error, "")
			if !panicked {
				attrs = append(attrs, attribute.String("error.type", errorType))
			}
		}
	}
	attrs = headerAttributes(attrs, serverRequestHeaders, s.req.Header)
	if len(serverResponseHeaders) > 0 {
		attrs = headerAttributes(attrs, serverResponseHeaders, s.rw.Header())
	}
	s.op.Set(attrs...)
	switch {
	case panicked && value == any(http.ErrAbortHandler):
		// The documented way to drop a connection, which the server does not report either.
		s.op.Fail(http.ErrAbortHandler)
	case panicked:
		s.op.Panicked(value)
	}
}

// Route is woven into the multiplexer. Where a middleware has copied the request, the pattern that the multiplexer finds is
// not in the request that Server knows; it is looked up once more.
func Route(mux *http.ServeMux, r *http.Request) {
	if gate.Closed() {
		return
	}
	s := scopeOf(r.Context())
	if s == nil || s.req == r {
		return
	}
	_, pattern := mux.Handler(r)
	path := patternPath(pattern)
	if path == "" {
		return
	}
	// A prefix that was stripped before an inner multiplexer belongs to the route.
	if n := len(s.path) - len(r.URL.Path); n > 0 && s.path[n:] == r.URL.Path {
		path = s.path[:n] + path
	}
	s.setRoute(path)
}

// SetRoute gives the route of the request whose context is ctx: for the hooks of routers that net/http knows nothing of.
func SetRoute(ctx context.Context, route string) {
	if s := scopeOf(ctx); s != nil {
		s.setRoute(route)
	}
}

func (s *requestScope) setRoute(route string) {
	s.mu.Lock()
	s.route = route
	s.mu.Unlock()
}

// Supersede drops the server span of the request whose context is ctx, because other instrumentation makes one, and returns
// a context that holds the span that the request came with, mostly none: it reads the headers itself.
func Supersede(ctx context.Context) context.Context {
	s := scopeOf(ctx)
	if s == nil {
		return ctx
	}
	s.mu.Lock()
	again := s.superseded
	s.superseded = true
	s.mu.Unlock()
	if again {
		return ctx
	}
	s.op.Pass()
	return trace.ContextWithSpan(ctx, s.before)
}

// superseder is what the woven otelhttp calls for a request that it makes a server span for. It is data, which the linker
// prefers to the variable that the woven package declares: that one has no linkname, which would take an import of unsafe.
//
//go:linkname superseder go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp.weaveSupersede
var superseder = supersede

func supersede(r *http.Request) *http.Request {
	if gate.Closed() {
		return r
	}
	return r.WithContext(Supersede(r.Context()))
}

// patternPath returns the path of a multiplexer's pattern, which is "[METHOD ][HOST]/[PATH]".
func patternPath(pattern string) string {
	if i := strings.IndexByte(pattern, '/'); i >= 0 {
		return pattern[i:]
	}
	return ""
}

// spanName is "METHOD route". A pattern of just these two is used as it is.
func spanName(req *http.Request, route string) string {
	m := method(req.Method)
	if p := req.Pattern; len(p) == len(m)+1+len(route) && p[:len(m)] == m && p[len(m)] == ' ' && p[len(m)+1:] == route {
		return p
	}
	return m + " " + route
}

// requestAttributes appends what the server knows of a request before it is answered.
func requestAttributes(attrs []attribute.KeyValue, req *http.Request) []attribute.KeyValue {
	m := method(req.Method)
	attrs = append(attrs, attribute.String("http.request.method", methodAttribute(m)))
	if m == other {
		attrs = append(attrs, attribute.String("http.request.method_original", req.Method))
	}
	attrs = append(attrs, attribute.String("url.scheme", scheme(req)))
	if host, port := splitHostPort(req.Host); host != "" {
		attrs = append(attrs, attribute.String("server.address", host))
		if port > 0 {
			attrs = append(attrs, attribute.Int("server.port", port))
		}
	}
	if req.URL != nil {
		attrs = append(attrs, attribute.String("url.path", req.URL.Path))
		if q := req.URL.RawQuery; q != "" {
			attrs = append(attrs, attribute.String("url.query", redact.Query(q)))
		}
	}
	peer, port := splitHostPort(req.RemoteAddr)
	if peer != "" {
		attrs = append(attrs, attribute.String("network.peer.address", peer))
		if port > 0 {
			attrs = append(attrs, attribute.Int("network.peer.port", port))
		}
	}
	if client := clientAddress(req.Header, peer); client != "" {
		attrs = append(attrs, attribute.String("client.address", client))
	}
	if ua := first(req.Header["User-Agent"]); ua != "" {
		attrs = append(attrs, attribute.String("user_agent.original", ua))
	}
	if v := protocolVersion(req.ProtoMajor, req.ProtoMinor); v != "" {
		attrs = append(attrs, attribute.String("network.protocol.version", v))
	}
	return attrs
}

func scheme(req *http.Request) string {
	if req.TLS != nil {
		return "https"
	}
	return "http"
}

// clientAddress is the first hop that X-Forwarded-For names, or else the peer.
func clientAddress(h http.Header, peer string) string {
	if hop, _, _ := strings.Cut(first(h["X-Forwarded-For"]), ","); strings.TrimSpace(hop) != "" {
		return strings.TrimSpace(hop)
	}
	return peer
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// splitHostPort splits an address whose port may be missing (0).
func splitHostPort(s string) (host string, port int) {
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

func protocolVersion(major, minor int) string {
	switch {
	case major == 1 && minor == 1:
		return "1.1"
	case major == 2:
		return "2"
	case major == 1 && minor == 0:
		return "1.0"
	case major == 3:
		return "3"
	}
	return ""
}

// other stands for a method that is not well known: a span's name must not be what some client made up.
const other = "HTTP"

// method returns a well-known method, or other.
func method(m string) string {
	switch m {
	case "":
		return http.MethodGet
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodConnect, http.MethodOptions, http.MethodTrace:
		return m
	}
	return other
}

// methodAttribute returns the attribute's value for what method returned.
func methodAttribute(m string) string {
	if m == other {
		return "_OTHER"
	}
	return m
}
