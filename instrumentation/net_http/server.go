// Package net_http has the hooks for net/http: a span for every request that a server answers and for every request that a
// client's transport sends, with the context carried from the one to the other by the global propagator.
//
// The http.ResponseWriter is never wrapped: status and size are read from the server's own writer when the handler has
// returned, so handlers find every optional interface and every fast path that they find without us. Of a writer that is not
// known they are not known either, and so not said.
//
// The servers and clients of golang.org/x/net/http2, of quic-go's http3, net/http/fcgi and net/http/cgi come by the same hooks; a
// request that comes by two of them has one span.
//
// No double spans: where otelhttp wraps a handler, its server span takes the place of ours. A request that already carries the active span's context in its headers has been instrumented by hand
// and gets no client span of ours; the requests of OpenTelemetry's exporters get none either.
package net_http

import (
	"context"
	"net/http"
	"reflect"
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
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/rules-go-weave/rules_go_weave/runtime/active"
	"github.com/rules-go-weave/rules_go_weave/runtime/hook"
	"github.com/rules-go-weave/rules_go_weave/runtime/redact"
)

var instrumentation = hook.New("net/http")

// gate is before every hook.
var gate hook.Gate

func init() {
	if hook.Enabled("net/http") {
		hook.LayerHTTP.Join(instrumentation)
	}
	gate.Open("net/http")
}

// served is what the durations of a server's requests are told apart by.
type served struct {
	method, scheme, route, version, errorType string
	status                                    int
}

var serverDuration = hook.NewDuration(instrumentation, "http.server.request.duration", "Duration of HTTP server requests.", hook.HTTPBuckets,
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

// responseInfo reads the status code (0 if no header was written) and the size of the body written so far from a ResponseWriter
// of net/http; of others it knows nothing. The woven net/http defines it.
//
//go:linkname responseInfo net/http.weaveResponseInfo
var responseInfo func(http.ResponseWriter) (status int, written int64, hijacked, known bool)

// ownWriter reports whether a ResponseWriter is one of net/http. The woven net/http defines it.
//
//go:linkname ownWriter net/http.weaveOwn
var ownWriter func(http.ResponseWriter) bool

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
	as    received
	scope *requestScope
	held  *held
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
// hold on to the context for longer than the request lasts: then it holds nothing more of the request than its identity.
type requestScope struct {
	context.Context // the request's own, with what the caller sent
	held            atomic.Pointer[held]
	after           endedSpan // what there is to know of the span when held is nil
	late            atomic.Pointer[lateContext]
}

// held is what a request's context holds only as long as the request lasts.
type held struct {
	ctx     context.Context // with the span
	op      hook.Op
	req     *http.Request
	foreign bool       // the server is not that of net/http
	before  trace.Span // what the request's context held, before what the caller sent; mostly none
	state   active.State
	told    hook.Incoming
}

type scopeKey struct{}

// Value finds the scope itself, or what the request's own context holds.
func (s *requestScope) Value(key any) any {
	if key == (scopeKey{}) {
		return s
	}
	if h := s.held.Load(); h != nil {
		if key == (hook.IncomingKey{}) {
			return &h.told
		}
		return h.ctx.Value(key)
	}
	late := s.late.Load()
	if late == nil {
		late = &lateContext{trace.ContextWithSpan(s.Context, &s.after)}
		s.late.Store(late)
	}
	return late.Value(key)
}

// lateContext is the context of a request that is over. Most are never asked for, and so not made.
type lateContext struct{ context.Context }

// endedSpan stands for a span that has ended: its identity and where it came from, without what it recorded.
type endedSpan struct {
	noop.Span
	context  trace.SpanContext
	provider trace.TracerProvider
}

// SpanContext returns the span's identity.
func (s *endedSpan) SpanContext() trace.SpanContext { return s.context }

// TracerProvider returns the provider that made the span.
func (s *endedSpan) TracerProvider() trace.TracerProvider { return s.provider }

// end lets go of what the request's context holds of the request.
func (s *requestScope) end(h *held) {
	if span := h.op.Span(); span != nil {
		s.after.context, s.after.provider = span.SpanContext(), span.TracerProvider()
	}
	s.held.Store(nil)
}

// scopeOf returns the scope of the request whose context is ctx, and what it holds, or nil if the request is over.
func scopeOf(ctx context.Context) (*requestScope, *held) {
	if s, _ := hook.Value(ctx, scopeKey{}).(*requestScope); s != nil {
		if h := s.held.Load(); h != nil {
			return s, h
		}
	}
	return nil, nil
}

// Server is woven into the functions that hand a request to a server's handler.
func Server(rw http.ResponseWriter, req *http.Request) (out *http.Request, end func()) {
	out = req
	if gate.Closed() || !instrumentation.On() || req == nil {
		return req, nil
	}
	defer instrumentation.Recover()
	if preface(req) {
		return req, nil
	}
	ctx, own := req.Context(), ownWriter == nil || ownWriter(rw)
	if !own || req.ProtoMajor != 1 {
		if _, h := scopeOf(ctx); h != nil {
			if h.req == req && h.foreign {
				return req, nil // told by the HTTP/2 of golang.org/x/net, and by the server of net/http that it is part of
			}
			ctx = apart(ctx, h, req)
		}
	}
	before := hook.Explicit(ctx)
	if hook.SuppressedBy(before) {
		return req, nil // a server of our own
	}
	parent := extract(ctx, req.Header)
	begun := serverDuration.Start()
	var h *held
	ctx, op, late := instrumentation.StartIn(parent, hook.Server, hook.HTTPMethod(req.Method), func() []attribute.KeyValue {
		var b [18]attribute.KeyValue
		return requestAttributes(b[:0], req, asReceived(req))
	}, func() *active.State {
		h = new(held)
		return &h.state
	})
	if own && !op.Recording() && begun.IsZero() {
		if op.Span() == nil {
			ctx = parent
		}
		if !op.Active() {
			return withContext(req, ctx), nil
		}
		return withContext(req, ctx), hook.LeaveIncoming
	}
	s := newServer()
	s.as = asReceived(req)
	if h == nil {
		h = new(held)
	}
	h.ctx, h.op, h.foreign, h.before = ctx, op, !own, before
	h.told.Begin(op, before, s.as.path, &req.Pattern)
	s.held = h
	s.scope = &requestScope{Context: parent}
	s.scope.held.Store(s.held)
	req = withContext(req, s.scope)
	s.held.req = req
	s.op, s.rw, s.req, s.late, s.panic, s.begun = op, rw, req, late, hook.PanicMark(), begun
	if !begun.IsZero() {
		if s.count = serverActive.Count(serving{hook.HTTPMethodAttribute(hook.HTTPMethod(req.Method)), scheme(req)}); s.count != nil {
			s.count.Add(1)
		}
	}
	return req, s.end
}

// Through is woven into where golang.org/x/net finds the handler of a connection that it has net/http serve, with Go 1.27.
func Through() func(http.Handler) http.Handler {
	if gate.Closed() || !instrumentation.On() {
		return nil
	}
	return through
}

func through(h http.Handler) http.Handler {
	if t := reflect.TypeOf(h); t != nil && t.PkgPath() == "net/http" && (t.Name() == "initALPNRequest" || t.Name() == "serverHandler" || t.Name() == "unencryptedHTTP2Request") {
		return h // its requests come by Server
	}
	return servedHandler{h}
}

// servedHandler is a handler whose requests come by Server.
type servedHandler struct{ http.Handler }

// ServeHTTP answers a request.
func (h servedHandler) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	req, end := Server(rw, req)
	if end != nil {
		defer end()
	}
	h.Handler.ServeHTTP(rw, req)
}

// preface reports whether a request is the beginning of a connection that speaks HTTP/2, which the server hands to a handler that may
// take the connection over. What it then carries are requests, and that one is none.
func preface(req *http.Request) bool {
	return req.Method == "PRI" && req.ProtoMajor == 2 && len(req.Header) == 0 && req.URL != nil && req.URL.Path == "*"
}

// apart returns the context for a request whose connection was taken over from another request, which its context holds. If it is
// the same one, upgraded to HTTP/2, there is no span for it but the one that comes now.
func apart(ctx context.Context, other *held, req *http.Request) context.Context {
	if req == other.req || len(req.Header["Http2-Settings"]) > 0 {
		return Supersede(ctx)
	}
	return trace.ContextWithSpan(ctx, other.before)
}

// extract returns the request's context with what the caller sent.
func extract(ctx context.Context, header http.Header) context.Context {
	if hook.Carries(otel.GetTextMapPropagator(), header) {
		return hook.Extract(ctx, propagation.HeaderCarrier(header))
	}
	return ctx
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
	s.recorded()
	s.scope.end(s.held)
	if s.count != nil {
		s.count.Add(-1)
	}
	s.op, s.rw, s.req, s.as, s.scope, s.held, s.panic, s.begun, s.count = hook.Op{}, nil, nil, received{}, nil, nil, hook.Panic{}, time.Time{}, nil
	clear(s.attrs[:])
	servers.Put(s)
}

// recorded records the request. Whatever panics in that, the operation is left.
func (s *server) recorded() {
	defer instrumentation.Recover()
	defer s.op.Leave()
	if told := s.held.told.End(); !told.Superseded {
		if told.Described {
			s.op = hook.Op{}
		}
		value, panicked := s.panic.Value()
		s.record(told, value, panicked)
	}
}

func (s *server) record(told hook.Told, value any, panicked bool) {
	if told.Route == "" {
		told.Route = patternPath(s.req.Pattern)
	}
	status, written := responseOf(s.rw, panicked || s.panic.Goexit())
	if s.as.method == http.MethodHead {
		written = -1 // what the handler wrote was not sent
	}
	errorType := ""
	switch {
	case panicked:
		errorType = hook.PanicType(value)
	case told.Panic != "":
		errorType = told.Panic
	case status >= 500:
		errorType = strconv.Itoa(status)
	}
	if !s.begun.IsZero() {
		serverDuration.Stop(s.scope, s.begun, served{hook.HTTPMethodAttribute(hook.HTTPMethod(s.as.method)), scheme(s.req), told.Route, protocolVersion(s.req.ProtoMajor, s.req.ProtoMinor), errorType, status},
			hook.Sized{Of: serverRequestSize, Bytes: s.req.ContentLength}, hook.Sized{Of: serverResponseSize, Bytes: written})
	}
	if s.op.Recording() {
		s.describe(told, status, errorType, value, panicked)
	}
	s.op.End(nil)
}

// describe completes the span.
func (s *server) describe(told hook.Told, status int, errorType string, value any, panicked bool) {
	attrs := s.attrs[:0]
	if s.late {
		attrs = requestAttributes(attrs, s.req, s.as)
	}
	if told.Route != "" {
		attrs = append(attrs, attribute.String("http.route", told.Route))
		s.op.Span().SetName(hook.HTTPSpanName(s.as.method, s.req.Pattern, told.Route))
	}
	if status != 0 {
		attrs = append(attrs, attribute.Int("http.response.status_code", status))
		if status >= 500 && told.Panic == "" {
			s.op.Span().SetStatus(codes.Error, told.Error)
			if !panicked {
				attrs = append(attrs, attribute.String("error.type", errorType))
			}
		}
	}
	attrs = headerAttributes(attrs, serverRequestHeaders, s.req.Header)
	if len(serverResponseHeaders) > 0 {
		// The writer may be one of the program.
		hook.Try(func() { attrs = headerAttributes(attrs, serverResponseHeaders, s.rw.Header()) })
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
	if gate.Closed() || !instrumentation.On() || mux == nil || r == nil {
		return
	}
	defer instrumentation.Recover()
	if r.URL == nil {
		return
	}
	_, h := scopeOf(r.Context())
	if h == nil {
		// A server that is not net/http's may have the multiplexer answer.
		if ctx := r.Context(); hook.Routing(ctx) {
			_, pattern := mux.Handler(r)
			hook.Route(ctx, r.URL.Path, patternPath(pattern))
		}
		return
	}
	if h.req == r && !h.told.Routed() {
		return
	}
	_, pattern := mux.Handler(r)
	if path := patternPath(pattern); path != "" {
		h.told.Matched(r.URL.Path, path)
	}
}

// SetRoute gives the route of the request whose context is ctx.
func SetRoute(ctx context.Context, route string) { hook.SetRoute(ctx, route) }

// Supersede drops the server span of the request whose context is ctx; see hook.Supersede.
func Supersede(ctx context.Context) context.Context { return hook.Supersede(ctx) }

// What other woven packages call, through variables that they declare. These here are data, which the linker prefers to those: they
// have no linkname, which would take an import of unsafe.
var (
	//go:linkname xServe golang.org/x/net/http2.weaveServe
	xServe = Server
	//go:linkname h3Serve github.com/quic-go/quic-go/http3.weaveServe
	h3Serve = Server
	//go:linkname fcgiServe net/http/fcgi.weaveServe
	fcgiServe = Server
	//go:linkname cgiServe net/http/cgi.weaveServe
	cgiServe = Server
)

// What the woven middlewares call that make a server span by themselves, for a request or for its context.
var (
	//go:linkname httpSuperseder go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp.weaveSupersede
	httpSuperseder = supersede
	//go:linkname muxSuperseder go.opentelemetry.io/contrib/instrumentation/github.com/gorilla/mux/otelmux.weaveSupersede
	muxSuperseder = supersede
	//go:linkname restfulSuperseder go.opentelemetry.io/contrib/instrumentation/github.com/emicklei/go-restful/otelrestful.weaveSupersede
	restfulSuperseder = supersede
	//go:linkname chiSuperseder github.com/riandyrn/otelchi.weaveSupersede
	chiSuperseder = supersede
	//go:linkname ginSuperseder go.opentelemetry.io/contrib/instrumentation/github.com/gin-gonic/gin/otelgin.weaveSupersede
	ginSuperseder = supersedeContext
	//go:linkname echoSuperseder go.opentelemetry.io/contrib/instrumentation/github.com/labstack/echo/otelecho.weaveSupersede
	echoSuperseder = supersedeContext
)

func supersedeContext(ctx context.Context) (out context.Context) {
	out = ctx
	if gate.Closed() {
		return ctx
	}
	defer instrumentation.Recover()
	return Supersede(ctx)
}

func supersede(r *http.Request) (out *http.Request) {
	out = r
	if gate.Closed() {
		return r
	}
	defer instrumentation.Recover()
	return r.WithContext(Supersede(r.Context()))
}

// received is what of a request a handler may change in place, as it came.
type received struct{ method, host, path, query, peer string }

func asReceived(req *http.Request) received {
	r := received{method: req.Method, host: req.Host, peer: req.RemoteAddr}
	if req.URL != nil {
		r.path, r.query = req.URL.Path, req.URL.RawQuery
	}
	return r
}

// requestAttributes appends what the server knows of a request before it is answered.
func requestAttributes(attrs []attribute.KeyValue, req *http.Request, as received) []attribute.KeyValue {
	m := hook.HTTPMethod(as.method)
	attrs = append(attrs, attribute.String("http.request.method", hook.HTTPMethodAttribute(m)))
	if m == hook.HTTPOther {
		attrs = append(attrs, attribute.String("http.request.method_original", cut(as.method)))
	}
	attrs = append(attrs, attribute.String("url.scheme", scheme(req)))
	if host, port := hook.SplitHostPort(as.host); host != "" {
		attrs = append(attrs, attribute.String("server.address", cut(host)))
		if port > 0 {
			attrs = append(attrs, attribute.Int("server.port", port))
		}
	}
	if as.path != "" {
		attrs = append(attrs, attribute.String("url.path", redact.Path(as.path)))
	}
	if as.query != "" {
		attrs = append(attrs, attribute.String("url.query", redact.Query(as.query)))
	}
	peer, port := hook.SplitHostPort(as.peer)
	if peer != "" {
		attrs = append(attrs, attribute.String("network.peer.address", cut(peer)))
		if port > 0 {
			attrs = append(attrs, attribute.Int("network.peer.port", port))
		}
	}
	if client := clientAddress(req.Header, peer); client != "" {
		attrs = append(attrs, attribute.String("client.address", cut(client)))
	}
	if ua := first(req.Header["User-Agent"]); ua != "" {
		attrs = append(attrs, attribute.String("user_agent.original", cut(ua)))
	}
	if v := protocolVersion(req.ProtoMajor, req.ProtoMinor); v != "" {
		attrs = append(attrs, attribute.String("network.protocol.version", v))
	}
	return attrs
}

// cut bounds what is kept of a text that somebody else made up.
func cut(s string) string { return hook.Cut(s, redact.Max) }

func scheme(req *http.Request) string {
	if req.TLS != nil {
		return "https"
	}
	return "http"
}

// clientAddress is the first hop that X-Forwarded-For names, or else the peer.
func clientAddress(h http.Header, peer string) string {
	if hop, _, _ := strings.Cut(first(h["X-Forwarded-For"]), ","); hop != "" {
		if hop = strings.TrimSpace(hop); hop != "" {
			return hop
		}
	}
	return peer
}

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
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
